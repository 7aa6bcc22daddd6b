"""Logs in any account of a demonstration by one password, which all know: never for a site with data of people."""

import hmac
import os
from typing import Any

from authenticator import SlowedLogins


class DemonstrationAuthenticator(SlowedLogins):
    """As slow for who guesses as any other login."""

    async def passes(self, login: str, data: dict[str, str], *, address: str) -> bool:
        """Whether it is the demonstration's password. Without one, nobody gets in."""
        known = os.environ.get("DEMONSTRATION_PASSWORD", "")
        given = data["password"].encode(errors="surrogatepass")
        if not known or not hmac.compare_digest(given, known.encode()):
            return False
        return bool(self.accounts.is_open(login, log=self.log))

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """Whether the account is still open; the hub asks every few minutes, so that a login ends before its cookie."""
        return bool(self.accounts.is_open(user.name, log=self.log))
