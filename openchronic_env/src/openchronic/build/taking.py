"""Looks at delivered files and reads them: what a thread of the build does, and a task of an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from openchronic.catalogue import load_tables
from openchronic.errors import SourceError, is_disk_full
from openchronic.ingest.finding import Delivered
from openchronic.ingest.ranges import Range, RangeReading, read_range
from openchronic.ingest.raw import AnyScan, damaged, scan_file
from openchronic.ingest.reading import FileReading, read_file, read_group
from openchronic.ingest.scanning import Scan, digest_of
from openchronic.store import Entry

Known = TypeVar("Known")
# The parts of a stamp that are the same on every machine that sees the disk.
SIZE_AND_TIME = 2


@dataclass(frozen=True)
class NotedScan:
    """A scan that a task has written to ``path``: it holds lines of the file, which the driver does not need.

    ``ranges``: those of a large text file that can be read apart.
    """

    sha256: str
    size: int
    path: Path
    ranges: tuple[Range, ...] = ()


@dataclass(frozen=True)
class Looked:
    """A delivered file and its scan. ``stamp``: its size, time and identity on the disk before the scan."""

    file: Delivered
    found: AnyScan | Entry | NotedScan
    stamp: tuple[int, ...]

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def year(self) -> int | None:
        return self.file.year

    @property
    def size(self) -> int:
        return self.stamp[0]


def look(
    file: Delivered, *, may_be_known: bool, known: Callable[[str], Known | None]
) -> AnyScan | Known:
    """Computes only the digest of a file that is ``known`` by it; scans any other in one pass."""
    if may_be_known:
        found = known(digest_of(file.path, file.name))
        if found is not None:
            return found
    return scan_file(file.path, file.name)


def stamp_of(file: Delivered) -> tuple[int, ...]:
    """Returns what tells that a file has changed: its size, time and identity on this machine."""
    found = file.path.lstat()
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev


def take(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    files: Sequence[Looked],
    target: Path,
) -> Iterator[tuple[FileReading, ...]]:
    """Yields the readings of files in the groups that share a folder. Raises SourceError where a file changes meanwhile."""
    scans = [(one.file, _scan_of(one)) for one in files]
    for group in _read(connection, table, scans, target):
        for reading in group:
            _refuse_changed(next(one for one in files if one.file == reading.file))
        yield group


def take_range(
    connection: duckdb.DuckDBPyConnection, table: str, one: Looked, part: Range, target: Path
) -> RangeReading:
    """Returns the reading of a range of a text file. Raises SourceError where the file changes meanwhile."""
    scan = _scan_of(one)
    if not isinstance(scan, Scan):
        raise TypeError(f"{one.name} is no text")
    try:
        found = read_range(connection, load_tables()[table], one.file, scan, part, target)
    except duckdb.Error as problem:
        raise _named(problem, one.name) from None
    _refuse_changed(one)
    return found


def _scan_of(one: Looked) -> AnyScan:
    if isinstance(one.found, Entry | NotedScan):
        return scan_file(one.file.path, one.name)
    return one.found


def _refuse_changed(one: Looked) -> None:
    if stamp_of(one.file)[: len(one.stamp)] != one.stamp:
        raise SourceError(
            f"{one.name}: the file changed while it was read; "
            "build again when the delivery is complete"
        )


def _read(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    files: list[tuple[Delivered, AnyScan]],
    target: Path,
) -> Iterator[tuple[FileReading, ...]]:
    """Yields the readings of files in the groups that share a folder.

    Where a group cannot be read together, its files are read one by one, so that the one which cannot be read says so.
    """
    declared = load_tables()[table]
    if len(files) > 1:
        with connection.cursor() as cursor:
            try:
                yield from read_group(cursor, declared, files, target)
            except (duckdb.Error, UnicodeDecodeError) as problem:
                if _is_ours(problem):
                    raise
            else:
                return
    for place, (file, scan) in enumerate(files):
        alone = target if len(files) == 1 else target.with_name(f"{target.name}-{place}")
        yield (_read_alone(connection, table, file, scan, alone),)


def _read_alone(
    connection: duckdb.DuckDBPyConnection, table: str, file: Delivered, one: AnyScan, target: Path
) -> FileReading:
    with connection.cursor() as cursor:
        try:
            return read_file(cursor, load_tables()[table], file, one, target)
        except (duckdb.Error, UnicodeDecodeError) as problem:
            if not isinstance(one, Scan) and not _is_ours(problem):
                raise damaged(one, file.name, problem) from None
            raise _named(problem, file.name) from None


def _named(problem: Exception, name: str) -> Exception:
    """Returns what tells the operator of a problem: the engine's message quotes the line, of which only the kind of error
    may be shown."""
    if not isinstance(problem, duckdb.InvalidInputException | duckdb.ConversionException):
        return problem
    kind = str(problem).split("\n", 1)[0].split(":")[0]
    return SourceError(f"{name}: cannot be read as CSV ({kind})")


def _is_ours(problem: Exception) -> bool:
    """Returns whether the machine or the operator stopped the engine, and not the content of the file."""
    return is_disk_full(problem) or isinstance(
        problem, duckdb.OutOfMemoryException | duckdb.InterruptException
    )
