"""Describes a full disk: which one, what the build has written, and about how much is missing."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from openchronic.errors import DiskFullError

# The bytes that a build writes for each byte of plain CSV, in typed tables and release. Measured:
# 0.35.
WRITTEN_SHARE = 0.4


def disk_full(
    source: Path,
    places: Sequence[Path],
    *,
    folders: Sequence[Path] = (),
    kept: Sequence[Path] = (),
) -> DiskFullError:
    """Returns the error for operators, measured before the files of the build are removed.

    ``places``: where the settings of the build of ``source`` make it write; ``folders``: its work folders; ``kept``:
    the entries that it has added to the store.
    """
    fullest = min((one for one in (*places, *folders) if one.exists()), key=_free)
    written = sum(_size(folder) for folder in (*_outermost(folders), *kept))
    read = _size(source)
    missing = max(read * WRITTEN_SHARE - written, written * 0.1, 1e6)
    return DiskFullError(
        f"the disk of {fullest} is full: {_free(fullest) / 1e6:.0f} MB left of {_whole(fullest) / 1e6:.0f} MB. "
        f"The build had written {written / 1e6:.0f} MB for {read / 1e6:.0f} MB of source files; about "
        f"{missing / 1e6:.0f} MB more are missing. The release in service has not changed, and what this build "
        "wrote is removed. Free some space, or name other disks with --work and --spill"
    )


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """Returns the folders that lie in no other of them, so that nothing is counted twice."""
    return [one for one in folders if not any(other in one.parents for other in folders)]


def _size(folder: Path) -> int:
    """Returns the bytes of the files in a folder; files that vanish meanwhile count nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                found = (Path(parent) / name).lstat()
            except OSError:
                continue
            total += found.st_size if stat.S_ISREG(found.st_mode) else 0
    return total


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _whole(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_blocks * disk.f_frsize
