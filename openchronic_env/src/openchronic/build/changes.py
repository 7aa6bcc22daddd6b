"""What a release that a build has ready changes, for its manifest."""

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
    """Since the release in service; None when there is none that this version reads."""
    if previous is None:
        return None
    here = place.private / "changes"
    here.mkdir(mode=0o700)
    with engine(
        here, memory=settings.memory, threads=settings.threads, spill=place.spill
    ) as connection:
        return compare(connection, previous, Material(files_under(place.release), manifest))
