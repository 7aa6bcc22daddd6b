"""Authenticates analysts at the site's provider of OpenID Connect. Their accounts are made by deploys, never by a login."""

import asyncio
import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import provider_pages
import site_pages
from accounts import Accounts
from admission import NO_ACCOUNT, LoginRefused, refuse_outsiders
from guessing import shown
from oauthenticator.generic import GenericOAuthenticator
from provider import Provider
from settings import Oidc, Settings
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

CONNECT_S, ANSWER_S = 5.0, 15.0
LONGEST_ANSWER = 1 << 20
# Logins that came back, so that none comes back twice; older ones have ended with their cookie.
REMEMBERED = 100_000


class ProviderAuthenticator(GenericOAuthenticator):
    """JupyterHub's OAuth with what OpenID Connect asks for besides: the ID token is verified, for this login (nonce)."""

    # jupyterhub_config.py sets these.
    accounts: Accounts
    site: Settings
    # More pages of the hub, which jupyterhub_config.py names.
    pages: tuple[tuple[str, type, dict[str, Any]], ...] = ()
    login_handler = provider_pages.ToProvider
    callback_handler = provider_pages.FromProvider
    logout_handler = provider_pages.ProviderLogout

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.oidc: Oidc = oidc_of(self.site)
        self.http_client = AsyncHTTPClient(force_instance=True, max_body_size=LONGEST_ANSWER)
        self.provider = Provider(
            self.oidc,
            secret=Path(self.oidc.secret_file).read_text().strip(),
            fetch=self._fetch,
        )
        # The ID tokens of the last logins: a provider wants to see one at the logout.
        self.hints: dict[str, str] = {}
        self._back: OrderedDict[str, None] = OrderedDict()

    def get_handlers(self, app: Any) -> list[Any]:
        return [
            (r"/login", provider_pages.LoginPage),
            (r"/signed-out", provider_pages.SignedOut),
            *super().get_handlers(app),
            *site_pages.handlers(self.site, self.pages),
        ]

    async def authenticate(self, handler: Any, data: Any = None, **_: Any) -> dict[str, Any]:
        """Return the login of who comes back from the provider. Raises LoginRefused."""
        begun = handler.begun()
        claims, token = await self.provider.claims(
            code=handler.get_argument("code"),
            verifier=begun["verifier"],
            callback=self.oauth_callback_url,
            nonce=begun["nonce"],
        )
        refuse_outsiders(claims, self.oidc)
        login = claims.get(self.oidc.username_claim)
        if not await self._has_account(login):
            raise LoginRefused(NO_ACCOUNT, f"no open account {shown(str(login))}")
        self.hints[str(login)] = token
        return {"name": login, "admin": None, "auth_state": None}

    async def _has_account(self, login: Any) -> bool:
        """Whether the claim is the login of an open account, letter by letter."""
        return (
            isinstance(login, str)
            and self.normalize_username(login) == login
            and self.validate_username(login)
            and login not in self.oidc.refused_logins
            and await asyncio.to_thread(self.accounts.is_open, login, log=self.log)
        )

    async def check_allowed(self, username: str, auth_model: Any = None) -> bool:
        return self.accounts.person(username) is not None

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> bool:
        """Whether the account is still open; the hub asks every few minutes, so that a login ends before its cookie."""
        return await asyncio.to_thread(self.accounts.is_open, user.name, log=self.log)

    def comes_back_first(self, state: str) -> bool:
        """Whether a login comes back for the first time."""
        if state in self._back:
            return False
        self._back[state] = None
        if len(self._back) > REMEMBERED:
            self._back.popitem(last=False)
        return True

    async def _fetch(self, url: str, **options: Any) -> Any:
        """Return the JSON that a URL answers with. JupyterHub's own way writes a refusal whole into the journal."""
        request = HTTPRequest(
            url,
            follow_redirects=False,
            connect_timeout=CONNECT_S,
            request_timeout=ANSWER_S,
            ca_certs=self.oidc.trusted if url.startswith("https:") else None,
            **options,
        )
        return json.loads((await self.http_client.fetch(request)).body)


def oidc_of(site: Settings) -> Oidc:
    assert site.logins.oidc, "jupyterhub_config.py uses this for a site with a provider"
    return site.logins.oidc
