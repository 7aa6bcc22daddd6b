"""Authenticates analysts by PAM, and ends the logins of accounts that were locked or have ended."""

import asyncio
import math
import subprocess
from typing import Any

import gate
import pamela
from guessing import REFUSAL_S, Guesses, shown
from jupyterhub.auth import PAMAuthenticator
from jupyterhub.handlers import BaseHandler
from sessions import Person, find_person
from settings import Uids
from tornado.web import HTTPError


class NoSuchPage(BaseHandler):
    """Answers 404 for a page of JupyterHub that is disabled."""

    def prepare(self) -> None:
        raise HTTPError(404)


class AnalystAuthenticator(PAMAuthenticator):
    """PAM for analysts only: root, system users and operators may not log in."""

    # jupyterhub_config.py sets these.
    analysts_group: str
    uids: Uids
    session_domain: str | None = None
    guesses = Guesses()

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:
        return [
            *super().get_handlers(app),
            *gate.handlers(session_domain=self.session_domain),
            # Users need no API token: a session has its own, and the role `user` of the configuration allows none.
            (r"/token", NoSuchPage),
            # This API checks passwords without the limits of the login form.
            (r"/api/users/[^/]+/tokens(?:/.*)?", NoSuchPage),
        ]

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Return the login if PAM accepts the password of an analyst, else None after REFUSAL_S.

        All refusals look alike and take the same time. Raises HTTPError 429 if a previous failure imposes a wait.
        """
        login = data.setdefault("username", "")
        password = data.setdefault("password", "")
        address = handler.request.remote_ip
        if wait_s := self.guesses.wait_s(login=login, address=address):
            self.log.warning(
                "Login of %s from %s not tried: %d failures, next try in %d s",
                *(shown(login), address),
                *(self.guesses.count(login=login, address=address), math.ceil(wait_s)),
            )
            raise HTTPError(429, f"Trop d'essais : réessayez dans {math.ceil(wait_s)} secondes.")
        answered = asyncio.get_running_loop().time() + REFUSAL_S
        # PAM truncates a name at a NUL: it would accept that user's password for the longer name.
        valid = self.validate_username(self.normalize_username(login))
        if valid and self._person(login) is not None:
            name: str | None = await super().authenticate(
                handler, {"username": login, "password": password}
            )
            if name is not None:
                self.guesses.forget(login=login, address=address)
                return name
        self.log.warning(
            "Failed login of %s from %s: %d in a row",
            *(shown(login), address),
            self.guesses.count(login=login, address=address),
        )
        await asyncio.sleep(answered - asyncio.get_running_loop().time())
        return None

    def _person(self, login: str) -> Person | None:
        return find_person(login, analysts_group=self.analysts_group, uids=self.uids)

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        return self._person(username) is not None

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """Whether the account is still open; the hub asks every few minutes, so that a login ends before its cookie."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, self._is_open, user.name)

    def _is_open(self, login: str) -> bool:
        if self._person(login) is None or is_locked(login):
            return False
        try:
            pamela.check_account(login, service=self.service, encoding=self.encoding)
        except pamela.PAMError as error:
            self.log.warning("The account %s is closed: %s", login, error)
            return False
        return True


def is_locked(login: str) -> bool:
    """Whether an operator locked the password: PAM's account check reads the end date only."""
    found = subprocess.run(["getent", "shadow", login], capture_output=True, text=True, check=False)
    # An account of a directory service has no shadow entry, and is not locked here.
    return found.stdout.partition(":")[2].startswith(("!", "*"))
