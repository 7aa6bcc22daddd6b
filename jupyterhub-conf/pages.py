"""Variables of the hub's page templates, and the Content-Security-Policy that allows our own scripts only."""

import base64
import datetime
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from choices import PROJECT
from notices import Notices
from settings import Project

PARIS = ZoneInfo("Europe/Paris")
TEMPLATES = Path(__file__).parent / "templates"


def session_opened(user: Any) -> str:
    """Return the start of the user's session in Paris time, in French; empty without a session."""
    return french_time(user.spawner.orm_spawner.started if user else None)


def french_time(moment: datetime.datetime | None) -> str:
    """Return a moment in Paris time, in French; empty without one."""
    if moment is None:
        return ""
    # The database holds UTC times without a time zone.
    known = moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment
    return f"{known.astimezone(PARIS):%d/%m/%Y à %H h %M}"


def stopped(user: Any, notices: Notices) -> dict[str, str] | None:
    """Return when and why the user's session was stopped, and the message; None if its user did, or it was idle."""
    found = notices.read(user.name) if user else None
    if found is None:
        return None
    return {"when": french_time(found.at), "message": found.message, "why": found.why}


def session_project(projects: Sequence[Project], user: Any) -> str:
    """Return the title of the project for which the user's session is open; empty without a session."""
    spawner = user.spawner if user else None
    slug = (
        (spawner.orm_spawner.user_options or {}).get(PROJECT)
        if spawner and spawner.active
        else None
    )
    return next((one.title for one in projects if one.slug == slug), "")


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
