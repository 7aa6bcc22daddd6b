"""The gate before sessions: a browser comes to a session only with a cookie that the hub gave to its user.

All sessions share the hub's origin, and whose session it is decides what it serves: without the gate, an analyst whose
server asks for no login could have a colleague's browser run scripts with that colleague's rights. The web server
checks the cookie by itself (site/session.conf), so that a hub that restarts cuts nobody off.
"""

import base64
import hashlib
import os
import time
from typing import Any

from jupyterhub.handlers import BaseHandler
from tornado import web

# Underscore: nginx knows a cookie as a variable of its name.
COOKIE = "session_gate"
# Of no more worth than the hub's login, which the session asks for besides.
LASTS_S = 7 * 86400


def pass_for(owner: str, *, expires: int, secret: str) -> str:
    """What nginx's secure_link expects; the secret comes last, where nothing can be appended to it."""
    text = f"{expires} {owner} {secret}".encode()
    digest = hashlib.md5(text).digest()  # noqa: S324 - the only one that nginx offers
    return f"{base64.urlsafe_b64encode(digest).decode().rstrip('=')}.{expires}"


class SessionGate(BaseHandler):
    """/hub/gate/user/NAME/…: back to that page with the cookie, when the session is the asker's own."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self, _: str) -> Any:
        user = self.current_user
        target = self.request.uri.removeprefix(f"{self.hub.base_url}gate")
        if target.partition("?")[0] == user.url.rstrip("/"):
            target = user.url
        if not target.startswith(user.url):
            raise web.HTTPError(403, "Cette session n'est pas la vôtre.")
        expires = int(time.time()) + LASTS_S
        value = pass_for(
            user.escaped_name, expires=expires, secret=os.environ["SESSION_GATE_SECRET"]
        )
        self._set_cookie(
            COOKIE, value, encrypted=False, path=user.url, samesite="Lax", max_age=LASTS_S
        )
        self.redirect(target)
