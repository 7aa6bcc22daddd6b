"""How to install what an extra of this package brings, where it is missing.

Never by the package's bare name: on a public index it is somebody else's.
"""

from __future__ import annotations

import json
import re
import shlex
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

PACKAGE = "openchronic"


def command(extra: str) -> str:
    """``pip install …``: of the checkout or wheel that this package came from, else of what the extra names."""
    place = _origin()
    return shlex.join(
        ["pip", "install", *([f"{place}[{extra}]"] if place else _requirements(extra))]
    )


def _origin() -> Path | None:
    """As pip and uv note it (PEP 610); None once it is gone, as in a session's image."""
    try:
        noted = metadata.distribution(PACKAGE).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        # Run from its sources, without being installed.
        folder = Path(__file__).parents[2]
        return folder if (folder / "pyproject.toml").is_file() else None
    address = urlsplit(json.loads(noted)["url"] if noted else "")
    place = Path(unquote(address.path))
    return place if address.scheme == "file" and place.exists() else None


def _requirements(extra: str) -> list[str]:
    return sorted(
        line.partition(";")[0].strip()
        for line in metadata.requires(PACKAGE) or []
        if re.search(rf"""\bextra\s*==\s*["']{re.escape(extra)}["']""", line)
    )
