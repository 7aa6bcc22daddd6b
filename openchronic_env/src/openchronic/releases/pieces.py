"""Which files of a release hold the same subjects.

A file is only a piece: Spark cuts a table by ranges of its rows, also in the middle of a subject's day. What lies
in one folder belongs together: a bucket of subjects, or a table that is not dealt into any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from openchronic.runtime.text import BUCKET


def by_folder(files: Iterable[Path]) -> dict[Path, list[Path]]:
    """The files of each folder, both in the order given."""
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(path.parent, []).append(path)
    return folders


def by_bucket(files: Iterable[Path]) -> dict[int, list[Path]]:
    """The files of each bucket that has some. Raises ValueError: a file that is in no bucket."""
    return {bucket_of(folder): held for folder, held in by_folder(files).items()}


def bucket_of(folder: Path) -> int:
    """The number of the bucket that ``folder`` holds. Raises ValueError: it is none."""
    if not folder.name.startswith(BUCKET):
        raise ValueError(f"{folder}: no folder of a bucket")
    return int(folder.name.removeprefix(BUCKET))


def together(files: Iterable[Path]) -> Iterator[list[Path]]:
    """The least that holds all rows of its subjects: a bucket; a file, where a table has no buckets."""
    for folder, held in by_folder(files).items():
        if folder.name.startswith(BUCKET):
            yield held
        else:
            yield from ([path] for path in held)
