"""Tells how to install a missing extra of this package.

The command never uses the bare name of the package: on a public index that name belongs to somebody else.
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
    """Returns ``pip install …`` for the checkout or wheel that this package came from, else for the extra's own
    packages."""
    place = _origin()
    return shlex.join(
        ["pip", "install", *([f"{place}[{extra}]"] if place else _requirements(extra))]
    )


def _origin() -> Path | None:
    """Returns the place that pip and uv recorded (PEP 610); None where it no longer exists, as in a session's
    image."""
    try:
        noted = metadata.distribution(PACKAGE).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        # The package runs from its sources, without being installed.
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
