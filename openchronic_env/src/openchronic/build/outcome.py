"""The result of a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openchronic.runtime.progress import Step


@dataclass(frozen=True)
class Outcome:
    """A finished build. ``changed``: whether another release is in service than before."""

    name: str
    path: Path
    changed: bool
    manifest: Mapping[str, Any]
    seconds: float
    steps: Mapping[str, Step]
    peak_bytes: int
