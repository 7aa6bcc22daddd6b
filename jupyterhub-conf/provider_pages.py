"""The pages of a login at the provider: the way there, the way back, and the logout of both."""

import secrets
from typing import Any

from admission import TROUBLE, LoginRefused
from gate import HostLogout
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from oauthenticator.oauth2 import (
    OAuthCallbackHandler,
    OAuthLoginHandler,
    _deserialize_state,
    _serialize_state,
)
from tornado.httputil import url_concat
from tornado.web import HTTPError

# With the prefix, no other host, such as that of a session, can replace the cookie; browsers take it by HTTPS only.
COOKIE, PLAIN_COOKIE = "__Host-provider-login", "provider-login"
# For who looks for their telephone in the middle of a login.
LASTS_S = 900


class LoginPage(LoginHandler):
    """The page with the button; there is no form of a password."""

    async def post(self) -> None:
        raise HTTPError(405)


async def show_login(handler: Any, refused: LoginRefused, *, wanted: str | None) -> None:
    """Answer with the login page and the reason for which nobody was logged in; the next try leads to `wanted`."""
    handler.set_status(refused.status)
    handler.set_header("Cache-Control", "no-store")
    begin = url_concat(
        handler.authenticator.login_url(handler.hub.base_url), {"next": wanted} if wanted else {}
    )
    handler.finish(
        await handler.render_template(
            "login.html", refused=refused.french, authenticator_login_url=begin
        )
    )


class ToProvider(OAuthLoginHandler):
    """Leads to the provider, and keeps in a cookie what the way back is compared with."""

    async def get(self) -> None:
        door = self.authenticator
        try:
            places = await door.provider.endpoints()
        except LoginRefused as refused:
            self.log.warning("Nobody can log in: %s", refused)
            await show_login(self, refused, wanted=self._get_next_url())
            return
        verifier, challenge = self._generate_pkce_params()
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        begun = {"state": state, "nonce": nonce, "verifier": verifier, "next": self._get_next_url()}
        self._set_cookie(
            cookie_name(self), _serialize_state(begun), max_age=LASTS_S, samesite="Lax"
        )
        asked = {
            "response_type": "code",
            "client_id": door.oidc.client_id,
            "redirect_uri": door.oauth_callback_url,
            "scope": " ".join(dict.fromkeys(("openid", *door.oidc.scopes))),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if door.oidc.acr:
            asked["acr_values"] = " ".join(door.oidc.acr)
        self.redirect(url_concat(places.authorization, asked))


class FromProvider(OAuthCallbackHandler):
    """Takes the way back: a code for the login that this browser began, once."""

    _begun: dict[str, Any] | None = None

    def begun(self) -> dict[str, Any]:
        """Return what the cookie says of the login that this browser began; empty without one, or after its time."""
        if self._begun is None:
            kept = self.get_secure_cookie(cookie_name(self), max_age_days=LASTS_S / 86400)
            self._begun = _deserialize_state(kept) if kept else {}
            self.clear_cookie(cookie_name(self))
        return self._begun

    def get_next_url(self, user: Any = None) -> str:
        return str(self.begun().get("next") or BaseHandler.get_next_url(self, user))

    async def get(self) -> None:
        try:
            user = await self._logged_in()
        except LoginRefused as refused:
            # Without a login that this browser began, it is a stranger's request: not for the journal.
            if self.begun():
                address = self.request.remote_ip
                self.log.warning("Refused login at the provider, from %s: %s", address, refused)
            await show_login(self, refused, wanted=self.begun().get("next"))
            return
        self.redirect(self.get_next_url(user))

    async def _logged_in(self) -> Any:
        self._check()
        user = await self.login_user()
        if user is None:
            raise LoginRefused(TROUBLE, "JupyterHub refuses the login")
        return user

    def _check(self) -> None:
        """Raise LoginRefused unless the provider answers the login that this browser began, for the first time."""
        begun = self.begun()
        state = self.get_argument("state", default="")
        if not begun or not secrets.compare_digest(state.encode(), str(begun["state"]).encode()):
            raise LoginRefused(TROUBLE, "no such login was begun here", status=400)
        if not self.authenticator.comes_back_first(state):
            raise LoginRefused(TROUBLE, "this login came back already", status=400)
        issuer = self.authenticator.oidc.issuer
        if self.get_argument("iss", default=issuer) != issuer:
            raise LoginRefused(TROUBLE, "another issuer answers", status=400)
        if error := self.get_argument("error", default=""):
            raise LoginRefused(TROUBLE, f"the provider says {error[:60]!r}")
        if not self.get_argument("code", default=""):
            raise LoginRefused(TROUBLE, "no code came back", status=400)


class ProviderLogout(HostLogout):
    """Logs out here, then at the session's host if it has one, then at the provider."""

    hint: str | None = None

    async def get(self) -> None:
        if self.current_user:
            self.hint = self.authenticator.hints.pop(self.current_user.name, None)
        if self.authenticator.site.session_domain:
            await super().get()
        else:
            await LogoutHandler.get(self)

    async def render_logout_page(self) -> None:
        door = self.authenticator
        if self.leaving:
            await super().render_logout_page()
            return
        done = f"{door.site.url}hub/signed-out"
        try:
            end = (await door.provider.endpoints()).end_session if door.oidc.logout else None
        except LoginRefused as refused:
            self.log.warning("A login at the provider may stay open: %s", refused)
            end = None
        if end is None:
            self.redirect(done)
            return
        asked = {"client_id": door.oidc.client_id, "post_logout_redirect_uri": done}
        self.redirect(url_concat(end, asked | ({"id_token_hint": self.hint} if self.hint else {})))


class SignedOut(BaseHandler):
    """/hub/signed-out: where the provider leads after a logout."""

    async def get(self) -> None:
        self.finish(await self.render_template("logout.html"))


def cookie_name(handler: Any) -> str:
    return COOKIE if handler.authenticator.site.url.startswith("https:") else PLAIN_COOKIE
