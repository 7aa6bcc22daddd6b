"""Authenticates analysts by a password, slowly for who guesses: by PAM on a server, which also ends the logins of accounts that
were locked or have ended."""

import asyncio
import math
from functools import partial
from typing import Any

import credentials
import site_pages
from accounts import Accounts
from codes import CodeGuesses
from directory import AWAY
from guessing import REFUSAL_S, Guesses, shown
from jupyterhub.auth import Authenticator, PAMAuthenticator
from settings import Settings
from steps import second_factors
from tornado.web import HTTPError


class SlowedLogins(Authenticator):
    """A login form whose refusals all look alike, take the same time, and impose longer and longer waits. A subclass says which
    password passes."""

    # jupyterhub_config.py sets these.
    accounts: Any
    site: Settings
    guesses = Guesses()
    # More pages of the hub, which jupyterhub_config.py names.
    pages: tuple[tuple[str, type, dict[str, Any]], ...] = ()
    codes = CodeGuesses()

    async def passes(self, login: str, data: dict[str, str], *, address: str) -> bool:
        """Whether this known login gets in."""
        raise NotImplementedError

    def get_handlers(self, app: Any) -> list[Any]:
        return [*super().get_handlers(app), *site_pages.handlers(self.site, self.pages)]

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Return the login of an analyst whose password, and code if they have a second factor, are right; else None
        after REFUSAL_S.

        All refusals look alike and take the same time. Raises HTTPError 429 if a previous failure imposes a wait.
        """
        login = data.setdefault("username", "")
        data.setdefault("password", "")
        address = handler.request.remote_ip
        # Told before the password is looked at: the answer must not say whether it is right.
        if wait_s := self.codes.wait_s(login=login, address=address) or self.guesses.wait_s(
            login=login, address=address
        ):
            self.log.warning(
                "Login of %s from %s not tried: %d failures, next try in %d s",
                *(shown(login), address),
                *(self.guesses.count(login=login, address=address), math.ceil(wait_s)),
            )
            raise HTTPError(429, f"Trop d’essais : réessayez dans {math.ceil(wait_s)} secondes.")
        answered = asyncio.get_running_loop().time() + REFUSAL_S
        # PAM truncates a name at a NUL: it would accept that user's password for the longer name.
        known = (
            self.validate_username(self.normalize_username(login))
            and self.accounts.person(login) is not None
        )
        if known and await self.passes(login, data, address=address):
            self.guesses.forget(login=login, address=address)
            return login
        self.log.warning(
            "Failed login of %s from %s: %d in a row",
            *(shown(login), address),
            self.guesses.count(login=login, address=address),
        )
        directory = self.accounts.directory
        # Asked whoever tries, so that the answer does not tell whose account exists.
        away = directory is not None and not await asyncio.to_thread(
            directory.answers, log=self.log
        )
        await asyncio.sleep(answered - asyncio.get_running_loop().time())
        if away:
            raise HTTPError(503, AWAY, reason="Service Unavailable")
        return None

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        return self.accounts.person(username) is not None


class AnalystAuthenticator(SlowedLogins, PAMAuthenticator):
    """PAM for analysts only: root, system users and operators may not log in."""

    accounts: Accounts

    async def _run(self, function: Any, *arguments: Any) -> bool:
        loop = asyncio.get_running_loop()
        return bool(await loop.run_in_executor(self.executor, function, *arguments))

    async def passes(self, login: str, data: dict[str, str], *, address: str) -> bool:
        """Whether password, account and, with a second factor, code are good; the code is looked at last, since it is
        used up by that."""
        run, code = self._run, data.get("otp", "")
        right = partial(credentials.is_right, service=self.service)
        if not await run(right, login, data["password"]):
            return False
        if not await run(self._is_open, login):
            return False
        factors = second_factors(self.site)
        if not self.site.logins.second_factor or not factors.has(login):
            return True
        if await self.codes.check(
            login=login, address=address, ask=lambda: run(factors.is_right, login, code)
        ):
            return True
        self.log.warning(
            "Wrong code of %s from %s after the right password: %d in a day",
            *(shown(login), address, self.codes.wrong(login)),
        )
        return False

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """Whether the account is still open; the hub asks every few minutes, so that a login ends before its cookie."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, self._is_open, user.name)

    def _is_open(self, login: str) -> bool:
        return self.accounts.is_open(login, log=self.log)
