"""Removes old releases: never the one in service, never one in use, and each as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from openchronic.build.publishing import CURRENT, sync
from openchronic.build.workspace import PUBLISHING, WORK_HERE, forget_unpublished, remove
from openchronic.errors import ReleaseError
from openchronic.releases import MANIFEST, alone, named
from openchronic.releases.manifest import parse_manifest
from openchronic.runtime.progress import Steps

PRUNED = "pruned"


@dataclass(frozen=True)
class Fate:
    """The outcome for one release: ``why`` it is kept, empty when it is removed. ``size`` in bytes."""

    id: str
    created: str
    size: int
    why: str


def prune(root: Path, *, keep: int, dry_run: bool = False) -> list[Fate]:
    """Removes the oldest releases of a base beyond ``keep``; the caller holds the base's lock.

    A release is first moved, in one step, to a place where readers do not look: whenever the process is killed,
    every remaining release is whole. The remains of a killed prune or build are removed first.
    """
    if not dry_run:
        forget_unpublished(root, root / WORK_HERE / PUBLISHING)
        remove(root / WORK_HERE / PRUNED)
    found = sorted(_made(root), reverse=True)
    in_service = (root / CURRENT).resolve().name
    fates = []
    for place, (created, folder) in enumerate(found):
        size = _size(folder)
        if folder.name == in_service:
            why = "in service"
        elif place < keep:
            why = "new enough"
        else:
            why = _remove(root, folder, dry_run=dry_run)
        fates.append(Fate(folder.name, created, size, why))
    with suppress(OSError):  # the next build clears the remains of a killed one
        (root / WORK_HERE).rmdir()
    return fates[::-1]


def _remove(root: Path, folder: Path, *, dry_run: bool) -> str:
    """Returns why the release is kept; empty when it is removed, or would be."""
    with alone(folder) as unused:
        if not unused:
            return "in use"
        if dry_run:
            return ""
        aside = root / WORK_HERE / PRUNED
        aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        (root / WORK_HERE).chmod(0o700)
        folder.rename(aside / folder.name)
        sync(root)
    remove(aside)
    return ""


def _made(root: Path) -> Iterator[tuple[str, Path]]:
    """Yields every release with its time, also those of other versions that state theirs."""
    for manifest in root.glob(f"*/{MANIFEST}"):
        if manifest.parent.is_symlink() or manifest.parent.name.startswith("."):
            continue
        with suppress(ReleaseError, KeyError):
            yield str(parse_manifest(manifest.parent)["created"]), manifest.parent


def _size(folder: Path) -> int:
    """Returns the bytes that are free without ``folder``: those of files that no other release shows."""
    files = [os.lstat(path) for path in folder.rglob("*") if path.is_file()]
    return sum(file.st_size for file in files if file.st_nlink == 1)


def make_room(root: Path, keep: int, steps: Steps) -> None:
    """Prunes after a build; a failure to remove is reported, and does not undo the publish."""
    try:
        gone = [named(root.name, fate.id) for fate in prune(root, keep=keep) if not fate.why]
    except OSError as problem:
        steps.warn(f"older releases stay: {problem.strerror}: {problem.filename}")
        return
    if gone:
        steps.say(f"older releases removed: {', '.join(gone)}")
