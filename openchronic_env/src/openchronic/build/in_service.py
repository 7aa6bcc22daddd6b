"""Reads the release in service, and puts another into service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openchronic.build.manifest import write
from openchronic.build.publishing import CURRENT, point_at, publish
from openchronic.build.workspace import Workplace
from openchronic.errors import ReleaseError
from openchronic.quality.material import Material, files_under
from openchronic.releases.manifest import MANIFEST, parse_manifest, read_manifest
from openchronic.releases.renaming import is_known, of_today
from openchronic.runtime.progress import Steps


def put_into_service(
    root: Path, place: Workplace, manifest: Mapping[str, object], steps: Steps
) -> tuple[str, bool]:
    """Puts the release into service, or keeps the equal one that is there already."""
    digest = str(manifest["content_sha256"])
    same = [name for name, its_digest in _made(root) if its_digest == digest]
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


def _made(root: Path) -> Iterator[tuple[str, str]]:
    """Yields the releases of a base that this version reads, the oldest first, with the digests of their content."""
    for file in sorted(root.glob(f"*/{MANIFEST}")):
        if not file.parent.is_symlink():
            with suppress(ReleaseError):
                yield file.parent.name, str(read_manifest(file.parent).get("content_sha256"))


def material_in_service(root: Path) -> Material | None:
    """Returns the release in service for a comparison; None when this version can read none."""
    manifest = manifest_in_service(root)
    if not is_known(manifest):
        return None
    return Material(files_under((root / CURRENT).resolve()), manifest)


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


def manifest_in_service(root: Path) -> Mapping[str, Any]:
    """Returns the manifest of the release in service; empty when there is none, or it cannot be read.

    The manifest of a later openchronic is returned as it was written: after a return to an earlier version, a build
    still knows which tables and which date it replaces.
    """
    try:
        manifest = parse_manifest(root / CURRENT)
    except (OSError, ReleaseError):
        return {}
    return of_today(manifest) if is_known(manifest) else manifest


def typed_of(root: Path) -> set[str]:
    """Returns the entries of the store that the release in service was made from."""
    return {str(one.get("typed")) for one in manifest_in_service(root).get("inputs", ())}
