"""The gate before sessions: a browser reaches a session only with a pass that the hub gave to the session's user.

The user controls what the session's server sends. Without the gate, an analyst could disable its login and have a
colleague's browser run scripts from it, with that colleague's rights if all sessions share the hub's origin. The web
server checks the pass itself (site/session.conf), so that sessions stay reachable while the hub restarts.

If sessions have hosts of their own, the hub cannot set their cookies: it redirects to a URL of that host that contains
the pass. The pass is valid for one browser only: otherwise an analyst could give a colleague access by a link.
"""

import base64
import hashlib
import os
import time
from typing import Any

from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LogoutHandler
from tornado import web

# With an underscore, since nginx makes a variable of a cookie's name.
COOKIE = "session_gate"
# The cookie, set by nginx, if sessions have hosts of their own.
HOST_COOKIE = "__Host-session_gate"
# Added to the pass's end date: if the hub's clock was some days behind, nginx would refuse every pass.
BEHIND_S = 6 * 86400


def pass_for(owner: str, *, expires: int, secret: str, browser: str = "") -> str:
    """Return the pass that nginx's secure_link module expects: a hash and `expires` (seconds since the epoch).

    The secret comes last in the hashed text, so that nothing can be appended to it.
    """
    text = " ".join(part for part in (str(expires), owner, browser, secret) if part).encode()
    digest = hashlib.md5(text).digest()  # noqa: S324 - the only one that nginx offers
    return f"{base64.urlsafe_b64encode(digest).decode().rstrip('=')}.{expires}"


class SessionGate(BaseHandler):
    """/hub/gate/user/NAME/…: sets the pass's cookie and redirects to that page, if the session is the user's own."""

    # As long as the hub's login, as jupyterhub_config.py sets it; the browser then gets a new pass without a question.
    lasts_s: int

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self, _: str) -> Any:
        target = self._own_page(f"{self.hub.base_url}gate")
        self._set_cookie(
            COOKIE,
            self._pass(),
            encrypted=False,
            path=self.current_user.base_url,
            samesite="Lax",
            max_age=self.lasts_s,
        )
        self.redirect(target)

    def _own_page(self, before: str) -> str:
        """Return the raw path after `before`. Raises HTTPError 403 unless it is in the user's own session."""
        own = self.current_user.base_url
        target: str = self.request.uri.removeprefix(before)
        if target.partition("?")[0] == own.rstrip("/"):
            target = own
        if not target.startswith(own):
            raise web.HTTPError(403, "Cette session n’est pas la vôtre.")
        return target

    def _pass(self, browser: str = "") -> str:
        return pass_for(
            self.current_user.escaped_name,
            expires=int(time.time()) + self.lasts_s + BEHIND_S,
            secret=os.environ["SESSION_GATE_SECRET"],
            browser=browser,
        )


class HostGate(SessionGate):
    """/hub/gate/BROWSER/user/NAME/…: redirects to NAME's own host, where nginx puts the pass into a cookie."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self, browser: str, _: str) -> Any:
        target = self._own_page(f"{self.hub.base_url}gate/{browser}")
        self.redirect(f"{self.current_user.host}/gate/{self._pass(browser)}{target}")


class HostLogout(LogoutHandler):
    """Logs out, then redirects to the session's host: only an answer of that host can clear its cookies and storage."""

    leaving = ""

    async def get(self) -> Any:
        if self.current_user:
            self.leaving = self.current_user.host
        await super().get()

    async def render_logout_page(self) -> Any:
        if self.leaving:
            self.redirect(f"{self.leaving}/left")
        else:
            await super().render_logout_page()


def handlers(*, session_domain: str | None) -> list[tuple[str, type]]:
    if session_domain:
        return [(r"/gate/([0-9a-f]{32})(/user/.*)", HostGate), (r"/logout", HostLogout)]
    return [(r"/gate(/user/.*)", SessionGate)]
