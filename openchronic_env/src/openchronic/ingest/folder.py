"""Lists the files of a delivery's folder, and the entries that are not regular files.

A delivery comes from others. A link, or a second name of a file that lies elsewhere, would bring foreign data
into a release; reading a pipe would never end. None of these is read, and each is reported by name.
"""

from __future__ import annotations

import io
import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from openchronic.errors import SourceError

# Control characters, direction marks, surrogates, line separators.
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True)
class Listing:
    """``files`` in the order of their names; ``refused``: a sentence on each entry that is not a regular file
    of its own."""

    files: tuple[Path, ...]
    refused: tuple[str, ...]


def listing(source: Path) -> Listing:
    """Lists everything in ``source`` and its folders, except hidden entries."""
    files: list[Path] = []
    refused: list[str] = []
    names: defaultdict[tuple[int, int], list[Path]] = defaultdict(list)
    for path, found in sorted(_entries(source)):
        name = seen(str(path.relative_to(source)))
        if any(unicodedata.category(one) in UNSEEN for one in path.name):
            refused.append(f"{name}: a name with characters that nobody sees; rename it")
        elif stat.S_ISLNK(found.st_mode):
            refused.append(f"{name}: a link{_target(path)}, and a delivery is read without leaving it; "
                           "put what it stands for in its place")  # fmt: skip
        elif stat.S_ISREG(found.st_mode):
            files.append(path)
            if found.st_nlink > 1:
                names[found.st_dev, found.st_ino].append(path)
        elif not stat.S_ISDIR(found.st_mode):
            kind = KINDS.get(stat.S_IFMT(found.st_mode), "something unknown")
            refused.append(f"{name}: {kind}, where a delivery has files; remove it")
    for paths in names.values():
        with suppress(OSError):
            if paths[0].lstat().st_nlink > len(paths):
                refused += [
                    f"{seen(str(path.relative_to(source)))}: the file has another name outside the delivery "
                    "(a hard link); put a copy in its place"
                    for path in paths
                ]
    return Listing(tuple(files), tuple(refused))


def open_delivered(path: Path, name: str) -> io.BufferedReader:
    """Opens the bytes of a file that was a regular file when the folder was listed.

    Raises SourceError where something else has replaced it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        if not path.is_symlink():
            raise
        raise SourceError(f"{name}: a link took the place of the file meanwhile") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SourceError(f"{name}: something else took the place of the file meanwhile")
    return os.fdopen(descriptor, "rb")


def seen(text: str) -> str:
    """Returns ``text`` as one safe line for a terminal or a journal."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )


def _entries(source: Path) -> Iterator[tuple[Path, os.stat_result]]:
    folders = [source]
    while folders:
        # A folder without permission is skipped here: ``openchronic inspect`` reports it.
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~$")):
                    continue
                with suppress(FileNotFoundError):
                    yield Path(entry.path), entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))


def _target(path: Path) -> str:
    try:
        return f" to {seen(str(path.readlink()))}"
    except OSError:
        return ""
