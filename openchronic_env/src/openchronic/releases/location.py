"""Finds the folder of the releases."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "OPENCHRONIC_RELEASES"
DEFAULT = "~/openchronic"


def location(given: str | Path | None = None) -> Path:
    """Returns the folder of all bases: the one given, else OPENCHRONIC_RELEASES, else ~/openchronic."""
    return Path(given or os.environ.get(VARIABLE) or DEFAULT).expanduser().absolute()
