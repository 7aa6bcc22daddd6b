"""Reads the release in service, and puts another into service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openchronic.build.manifest import FORMAT, NAME, write
from openchronic.build.publishing import CURRENT, point_at, publish
from openchronic.build.workspace import Workplace
from openchronic.quality.material import Material, files_under
from openchronic.releases.renaming import with_names_of_today
from openchronic.runtime.progress import Steps


def put_into_service(
    root: Path, place: Workplace, manifest: Mapping[str, object], steps: Steps
) -> tuple[str, bool]:
    """Puts the release into service, or keeps the equal one that is there already."""
    digest = str(manifest["content_sha256"])
    same = [
        folder.parent.name
        for folder in sorted(root.glob(f"*/{NAME}"))
        if json.loads(folder.read_text(encoding="utf-8")).get("content_sha256") == digest
    ]
    current = manifest_in_service(root)
    if current.get("id") in same:
        return str(current["id"]), False
    if same:
        point_at(root, name=same[-1], scratch=place.marker.parent)
        return same[-1], True
    created = _moment(current, steps)
    name = f"{created:%Y%m%d}-{digest[:12]}"
    write(manifest, place.release, name=name, created=created)
    publish(place, root, name=name)
    return name, True


def material_in_service(root: Path) -> Material | None:
    """Returns the release in service for a comparison; None when this version can read none."""
    manifest = manifest_in_service(root)
    if manifest.get("format") != FORMAT:
        return None
    return Material(files_under((root / CURRENT).resolve()), with_names_of_today(manifest))


def _moment(current: Mapping[str, Any], steps: Steps) -> datetime:
    """Returns the time of the release: now, or one second after the release in service if the clock went back."""
    now = datetime.now(UTC)
    if "created" not in current:
        return now
    before = datetime.fromisoformat(str(current["created"]))
    if before < now:
        return now
    steps.warn(
        f"the clock says {now:%Y-%m-%d %H:%M} UTC, and the release in service was made on "
        f"{before:%Y-%m-%d %H:%M}: the new one is dated just after it. Look at the clock"
    )
    return before + timedelta(seconds=1)


def manifest_in_service(root: Path) -> dict[str, Any]:
    """Returns the manifest of the release in service; empty when there is none, or it cannot be read."""
    try:
        text = (root / CURRENT / NAME).read_text(encoding="utf-8")
        return dict(json.loads(text))
    except (OSError, ValueError):
        return {}


def typed_of(root: Path) -> set[str]:
    """Returns the entries of the store that the release in service was made from."""
    return {str(one.get("typed")) for one in manifest_in_service(root).get("inputs", ())}
