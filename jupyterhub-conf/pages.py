"""The hub's pages: what every template knows, and the policy that lets the browser run our scripts only."""

import base64
import hashlib
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"


def inline(name: str) -> str:
    """A style sheet or script as a template includes it: Jinja drops the last newline."""
    return (TEMPLATES / name).read_text().removesuffix("\n")


def content_security_policy() -> str:
    """Nothing from elsewhere, no frame, and of the inline scripts those in our templates alone."""
    scripts = " ".join(_digest(inline(path.name)) for path in sorted(TEMPLATES.glob("*.js")))
    styles = " ".join(_digest(inline(path.name)) for path in sorted(TEMPLATES.glob("*.css")))
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {styles}",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
