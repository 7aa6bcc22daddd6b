"""Makes the hub's passes with its own code."""

import sys
import time

from infra.settings.settings_file import ROOT
from tests.infra.components.web.front import SECRET

sys.path.insert(0, str(ROOT / "jupyterhub-conf"))
from gate import COOKIE, HOST_COOKIE, pass_for

__all__ = ["BROWSER", "COOKIE", "HOST_COOKIE", "cookie_of", "pass_for"]
BROWSER = "a" * 32


def cookie_of(owner: str, *, domain: str | None = None) -> dict[str, str]:
    """Return the cookie that a browser sends after it passed the gate."""
    expires = int(time.time()) + 3600
    if domain is None:
        return {"Cookie": f"{COOKIE}={pass_for(owner, expires=expires, secret=SECRET)}"}
    given = pass_for(owner, expires=expires, secret=SECRET, browser=BROWSER)
    return {"Cookie": f"{HOST_COOKIE}={BROWSER}.{given}"}
