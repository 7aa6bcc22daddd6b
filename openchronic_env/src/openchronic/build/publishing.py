"""Puts a finished release into service by one atomic rename of the ``current`` link."""

from __future__ import annotations

import os
from pathlib import Path

from openchronic.build.workspace import Workplace

CURRENT = "current"


def publish(place: Workplace, root: Path, *, name: str) -> None:
    """Moves the finished ``place.release`` to ``root/name`` and points ``current`` at it.

    Whenever the process is killed, ``current`` names a whole release: the marker lets the next build remove a
    folder that never went into service.
    """
    open_to_readers(place.release)
    _sync_tree(place.release)
    target = root / name
    place.marker.write_text(name, encoding="utf-8")
    sync(place.marker)
    sync(place.marker.parent)
    place.release.rename(target)
    sync(root)
    point_at(root, name=name, scratch=place.marker.parent)
    place.marker.unlink()


def point_at(root: Path, *, name: str, scratch: Path) -> None:
    """Makes ``root/current`` a link to the release ``name``, in one step."""
    link = scratch / CURRENT
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(root / CURRENT)
    sync(root)


def open_to_readers(folder: Path) -> None:
    """Sets files to 0644 and folders to 0755, whatever the umask of the builder: analysts are other users."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Waits until the content of ``path`` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
