"""Puts delivered files together that one writer has cut: the shards of a folder of Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Protocol, TypeVar

# A group is read and stored as one: it is what a killed build reads again, and what goes when one of its files does.
MOST_BYTES, MOST_FILES = 128 << 20, 1000


class Sized(Protocol):
    """A delivered file with its size in bytes."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def year(self) -> int | None: ...


File = TypeVar("File", bound=Sized)


def group_of(name: str) -> str:
    """Returns the name of the file that a delivered file is a share of, or its own name."""
    path = PurePosixPath(name)
    shared = path.suffix.lower() == ".parquet" and path.name.lower().startswith("part-")
    return str(path.parent) if shared else name


def grouped(files: Iterable[File]) -> Iterator[tuple[File, ...]]:
    """Yields the files of one table in groups: those of one writer and year, as far as a group may grow."""
    group: list[File] = []
    for file in sorted(files, key=lambda one: (group_of(one.name), str(one.year), one.name)):
        same = group and (group_of(group[0].name), group[0].year) == (
            group_of(file.name),
            file.year,
        )
        size = file.size + sum(one.size for one in group)
        if group and (not same or size > MOST_BYTES or len(group) == MOST_FILES):
            yield tuple(group)
            group = []
        group.append(file)
    if group:
        yield tuple(group)
