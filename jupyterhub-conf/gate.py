"""The gate before sessions: a browser comes to a session only with a cookie that the hub gave to its user.

Whose session it is decides what it serves: without the gate, an analyst whose server asks for no login could have a
colleague's browser run scripts, with that colleague's rights where all sessions share the hub's origin. The web server
checks the cookie by itself (site/session.conf), so that a hub that restarts cuts nobody off.

Where sessions have hosts of their own, the hub cannot set their cookies: it hands the pass over in an address at that
host, good for the one browser that was sent here. Else an analyst could let a colleague in by a link.
"""

import base64
import hashlib
import os
import time
from typing import Any

from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LogoutHandler
from tornado import web

# Underscore: nginx knows a cookie as a variable of its name.
COOKIE = "session_gate"
# Where sessions have hosts of their own; nginx makes it.
HOST_COOKIE = "__Host-session_gate"
# As long as the hub's login, which the session asks for besides; asked for again, it is given again.
LASTS_S = 86400
# The web server judges the pass by its own clock: a hub that is some days behind would lock everybody out.
BEHIND_S = 6 * 86400


def pass_for(owner: str, *, expires: int, secret: str, browser: str = "") -> str:
    """What nginx's secure_link expects; the secret comes last, where nothing can be appended to it."""
    text = " ".join(part for part in (str(expires), owner, browser, secret) if part).encode()
    digest = hashlib.md5(text).digest()  # noqa: S324 - the only one that nginx offers
    return f"{base64.urlsafe_b64encode(digest).decode().rstrip('=')}.{expires}"


class SessionGate(BaseHandler):
    """/hub/gate/user/NAME/…: back to that page with the cookie, when the session is the asker's own."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self, _: str) -> Any:
        target = self._own_page(f"{self.hub.base_url}gate")
        self._set_cookie(
            COOKIE,
            self._pass(),
            encrypted=False,
            path=self.current_user.base_url,
            samesite="Lax",
            max_age=LASTS_S,
        )
        self.redirect(target)

    def _own_page(self, before: str) -> str:
        """The page that was asked for, as it was written; nobody else's, and nothing but a session's."""
        own = self.current_user.base_url
        target: str = self.request.uri.removeprefix(before)
        if target.partition("?")[0] == own.rstrip("/"):
            target = own
        if not target.startswith(own):
            raise web.HTTPError(403, "Cette session n'est pas la vôtre.")
        return target

    def _pass(self, browser: str = "") -> str:
        return pass_for(
            self.current_user.escaped_name,
            expires=int(time.time()) + LASTS_S + BEHIND_S,
            secret=os.environ["SESSION_GATE_SECRET"],
            browser=browser,
        )


class HostGate(SessionGate):
    """/hub/gate/BROWSER/user/NAME/…: to NAME's own host, which makes a cookie of the pass."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self, browser: str, _: str) -> Any:
        target = self._own_page(f"{self.hub.base_url}gate/{browser}")
        self.redirect(f"{self.current_user.host}/gate/{self._pass(browser)}{target}")


class HostLogout(LogoutHandler):
    """By way of the user's own host, whose cookies and stored pages only an answer of its own clears."""

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
