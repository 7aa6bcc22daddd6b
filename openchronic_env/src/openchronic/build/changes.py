"""Compares a finished release with the one in service, for its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openchronic.build.settings import Settings
from openchronic.build.workspace import Workplace
from openchronic.changes import compare
from openchronic.quality.material import Material, files_under
from openchronic.runtime.database import engine


def changed(
    settings: Settings, place: Workplace, manifest: Mapping[str, Any], previous: Material | None
) -> dict[str, Any] | None:
    """Returns the changes since the release in service; None when this version can read none."""
    if previous is None:
        return None
    here = place.private / "changes"
    here.mkdir(mode=0o700)
    with engine(
        here, memory=settings.memory, threads=settings.threads, spill=place.spill
    ) as connection:
        return compare(connection, previous, Material(files_under(place.release), manifest))
