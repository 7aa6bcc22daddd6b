"""Who may log in: the server's own accounts, through PAM, when they are analysts."""

import asyncio
import subprocess
from typing import Any

import pamela
from gate import SessionGate
from jupyterhub.auth import PAMAuthenticator
from sessions import find_person


class AnalystAuthenticator(PAMAuthenticator):
    """PAM, for analysts alone: root, system users and operators have no sessions."""

    # Set once by the configuration.
    analysts_group: str
    proxy_address: str

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:
        return [*super().get_handlers(app), (r"/gate(/user/.*)", SessionGate)]

    def authenticate(self, handler: Any, data: dict[str, str]) -> Any:
        # Sessions reach the hub's port for its API. A password tried there would pass by the web server's limits,
        # and headers could name any address as its sender.
        peer = handler.request.connection.context.address[0]
        if peer != self.proxy_address:
            self.log.warning("A password was tried from %s, past the web server", peer)
            return None
        # PAM would cut a name at a NUL, and let its owner in under the longer one.
        if not self.validate_username(self.normalize_username(data["username"])):
            return None
        return super().authenticate(handler, data)

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        return find_person(username, analysts_group=self.analysts_group) is not None

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """An account that was closed loses its login within minutes, not when its cookie ends."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, self._is_open, user.name)

    def _is_open(self, login: str) -> bool:
        if find_person(login, analysts_group=self.analysts_group) is None or is_locked(login):
            return False
        try:
            pamela.check_account(login, service=self.service, encoding=self.encoding)
        except pamela.PAMError as error:
            self.log.warning("The account %s is closed: %s", login, error)
            return False
        return True


def is_locked(login: str) -> bool:
    """Did an operator lock the password? PAM's account check alone looks at the end date only."""
    found = subprocess.run(["getent", "shadow", login], capture_output=True, text=True, check=False)
    # Accounts of a directory have no line here.
    return found.stdout.partition(":")[2].startswith(("!", "*"))
