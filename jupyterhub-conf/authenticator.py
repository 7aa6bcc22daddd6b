"""Who may log in: the server's own accounts, through PAM, when they are analysts."""

import asyncio
from typing import Any

import pamela
from jupyterhub.auth import PAMAuthenticator
from sessions import find_person


class AnalystAuthenticator(PAMAuthenticator):
    """PAM, for analysts alone: root, system users and operators have no sessions."""

    analysts_group: str  # set once by the configuration

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        return find_person(username, analysts_group=self.analysts_group) is not None

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """An account that was closed loses its login within minutes, not when its cookie ends."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, self._is_open, user.name)

    def _is_open(self, login: str) -> bool:
        if find_person(login, analysts_group=self.analysts_group) is None:
            return False
        try:
            pamela.check_account(login, service=self.service, encoding=self.encoding)
        except pamela.PAMError as error:
            self.log.warning("The account %s is closed: %s", login, error)
            return False
        return True
