"""Locks releases in use: readers hold a shared lock on the manifest, and only an unlocked release is removed.

The system frees a lock when its holder dies. A lock needs no right to write; containers of one machine see it,
and so do machines where the file system shares locks (NFS does).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openchronic.errors import ReleaseError
from openchronic.releases.manifest import MANIFEST
from openchronic.releases.release import Release

# Whoever removes a release locks it exclusively for the time of a rename.
ATTEMPTS, PAUSE_S = 20, 0.1

_held: dict[Path, int] = {}


def hold(release: Release) -> Release:
    """Prevents the removal of ``release`` until this process ends. Raises ReleaseError where it is gone.

    Where the file system has no locks, or another process holds an exclusive one, the release is read
    unprotected.
    """
    manifest = release.path / MANIFEST
    for _ in range(0 if manifest in _held else ATTEMPTS):
        try:
            descriptor = os.open(manifest, os.O_RDONLY)
        except FileNotFoundError:
            raise ReleaseError(
                f"the release {release.name} has just been removed: take the one in service, or one that "
                "openchronic releases lists",
                f"La version {release.name} vient d'être retirée par l'administrateur. "
                "oc.release() donne celle en service, openchronic releases celles qui restent.",
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            time.sleep(PAUSE_S)
            continue
        except OSError:
            os.close(descriptor)
            break
        if _is_there(manifest, descriptor):
            _held[manifest] = descriptor
            break
        os.close(descriptor)  # removed between the opening and the lock
    return release


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Yields whether nobody uses the release in ``folder``; if so, nobody can start to within the block."""
    # Some file systems grant an exclusive lock only on a file open for writing.
    descriptor = os.open(folder / MANIFEST, os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _is_there(manifest: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(manifest.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
