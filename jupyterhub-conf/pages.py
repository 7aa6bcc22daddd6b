"""The hub's pages: what every template knows, and the policy that lets the browser run our scripts only."""

import base64
import datetime
import hashlib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
TEMPLATES = Path(__file__).parent / "templates"


def session_opened(user: Any) -> str:
    """When the user's session was opened, as people in the office read it; the hub asks for each page."""
    started = user.spawner.orm_spawner.started if user else None
    # The database's moments are in UTC.
    return (
        f"{started.replace(tzinfo=datetime.UTC).astimezone(PARIS):%d/%m/%Y à %H h %M}"
        if started
        else ""
    )


def inline(name: str) -> str:
    """A style sheet or script as a template includes it: Jinja drops the last newline."""
    return (TEMPLATES / name).read_text().removesuffix("\n")


def content_security_policy(*, session_domain: str | None) -> str:
    """Nothing from elsewhere, no frame, and of the inline scripts those in our templates alone."""
    # The login form ends in a session: Chromium asks this rule for each address on the way there.
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
