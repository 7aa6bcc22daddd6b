"""Groups the files of a release that hold the same subjects.

A file alone may hold a part of a subject's rows: Spark splits a table by ranges of its rows, also within a
subject's day. The files of one folder belong together: a bucket of subjects, or a table without buckets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from openchronic.runtime.text import BUCKET


def by_folder(files: Iterable[Path]) -> dict[Path, list[Path]]:
    """Returns the files of each folder, both in the order given."""
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(path.parent, []).append(path)
    return folders


def by_bucket(files: Iterable[Path]) -> dict[int, list[Path]]:
    """Returns the files of each bucket that has some. Raises ValueError for a file outside any bucket."""
    return {bucket_of(folder): held for folder, held in by_folder(files).items()}


def bucket_of(folder: Path) -> int:
    """Returns the number of the bucket in ``folder``. Raises ValueError where it is no bucket."""
    if not folder.name.startswith(BUCKET):
        raise ValueError(f"{folder}: no folder of a bucket")
    return int(folder.name.removeprefix(BUCKET))


def together(files: Iterable[Path]) -> Iterator[list[Path]]:
    """Yields the smallest groups with all rows of their subjects: a bucket; a file, where a table has no buckets."""
    for folder, held in by_folder(files).items():
        if folder.name.startswith(BUCKET):
            yield held
        else:
            yield from ([path] for path in held)
