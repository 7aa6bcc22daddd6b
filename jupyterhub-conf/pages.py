"""Variables of the hub's page templates, and the Content-Security-Policy that allows our own scripts only."""

import base64
import datetime
import hashlib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
TEMPLATES = Path(__file__).parent / "templates"


def session_opened(user: Any) -> str:
    """Return the start of the user's session in Paris time, in French; empty without a session."""
    started = user.spawner.orm_spawner.started if user else None
    # The database holds UTC times without a time zone.
    return (
        f"{started.replace(tzinfo=datetime.UTC).astimezone(PARIS):%d/%m/%Y à %H h %M}"
        if started
        else ""
    )


def inline(name: str) -> str:
    """Return a style sheet or script as Jinja includes it, without the last newline."""
    return (TEMPLATES / name).read_text().removesuffix("\n")


def content_security_policy(*, session_domain: str | None) -> str:
    """Return the policy of the hub's pages: nothing from other hosts, no frames, and the inline scripts of our templates
    only, by their hashes."""
    # Chromium applies form-action to each redirect after the login form, which may end in a session.
    forms = f"'self' https://*.{session_domain}" if session_domain else "'self'"
    scripts = " ".join(_digest(inline(path.name)) for path in sorted(TEMPLATES.glob("*.js")))
    styles = " ".join(_digest(inline(path.name)) for path in sorted(TEMPLATES.glob("*.css")))
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {styles}",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"form-action {forms}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
