"""Turns all delivered files into typed tables: scans each, reads it unless the store has it, checks it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import duckdb

from openchronic.catalogue import load_tables, needs
from openchronic.errors import SourceError, is_disk_full
from openchronic.ingest.finding import Delivered, Found
from openchronic.ingest.raw import AnyScan, damaged, scan_file
from openchronic.ingest.reading import FileReading, read_file
from openchronic.ingest.rejects import Reject, refuse_too_many
from openchronic.ingest.scanning import Scan, digest_of
from openchronic.runtime.interrupts import held_back
from openchronic.runtime.progress import Steps
from openchronic.store import Entry, Store


@dataclass(frozen=True)
class Looked:
    """A delivered file and its scan. ``stamp``: its size, time and identity on the disk before the scan."""

    file: Delivered
    found: AnyScan | Entry
    stamp: tuple[int, ...]


Scanned = Mapping[str, tuple[Looked, ...]]


@dataclass(frozen=True)
class TableReading:
    """The files of one table, after reading."""

    name: str
    files: tuple[FileReading, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def kept(self) -> int:
        return sum(file.kept for file in self.files)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(reject for file in self.files for reject in file.rejects)


def scan_all(found: Found, store: Store, steps: Steps, *, threads: int) -> Scanned:
    """Scans every file once. A file that is delivered twice under two names is read once, and reported."""
    jobs = [(table, file) for table, files in found.tables.items() for file in files]
    scanned: defaultdict[str, list[Looked]] = defaultdict(list)
    with (
        steps.step(
            "checking files", total=sum(_stamp(file)[0] for _, file in jobs), unit="bytes"
        ) as tick,
        _Pool(threads) as pool,
    ):
        with held_back():
            waiting = {pool.submit(_look, table, file, store): table for table, file in jobs}
        for future in as_completed(waiting):
            one = future.result()
            scanned[waiting[future]].append(one)
            tick(one.stamp[0])
    return {table: tuple(_once(table, scanned[table], steps)) for table in found.tables}


def read_all(
    connection: duckdb.DuckDBPyConnection,
    scanned: Scanned,
    store: Store,
    typed: Path,
    steps: Steps,
    *,
    threads: int,
    max_rejects: float,
) -> dict[str, TableReading]:
    """Casts every file that is not in the store, and adds it there.

    Raises SourceError where a file cannot be read or changes meanwhile, or where too many lines are rejected.
    """
    jobs = [(table, one) for table, files in scanned.items() for one in files]
    # The largest files go first, so that none is read alone at the end.
    jobs.sort(key=lambda job: -job[1].found.size)
    done: defaultdict[str, list[FileReading]] = defaultdict(list)
    with (
        steps.step(
            "reading files", total=sum(one.stamp[0] for _, one in jobs), unit="bytes"
        ) as tick,
        _Pool(threads) as pool,
    ):
        with held_back():
            waiting = {
                pool.submit(
                    _take, connection, table, one, store, typed / table / f"f{place:04}"
                ): one.stamp[0]
                for place, (table, one) in enumerate(jobs)
            }
        for future in as_completed(waiting):
            table, reading, damaged_entry = future.result()
            if damaged_entry:
                steps.warn(f"{reading.file.name}: what was kept of it is damaged; it is read again")
            done[table].append(reading)
            tick(waiting[future])
    unchanged = len(store.used - store.added)
    steps.say(f"reading files: {len(store.added)} read, {unchanged} unchanged")
    tables = {}
    _refuse_header_only(done, steps)
    for table in scanned:
        files = tuple(sorted(done[table], key=lambda one: one.file.name))
        tables[table] = TableReading(table, files)
        refuse_too_many(
            table, rows=tables[table].rows, rejects=tables[table].rejects, limit=max_rejects
        )
    return tables


def _look(table: str, file: Delivered, store: Store) -> Looked:
    """Computes only the digest of a file that is in the store; scans any other in one pass."""
    stamp = _stamp(file)
    if store.may_hold(stamp[0]):
        entry = store.find(table, file, digest_of(file.path, file.name))
        if entry is not None:
            return Looked(file, entry, stamp)
    return Looked(file, scan_file(file.path, file.name), stamp)


def _take(
    connection: duckdb.DuckDBPyConnection, table: str, one: Looked, store: Store, target: Path
) -> tuple[str, FileReading, bool]:
    """Returns the stored reading of the file, or reads and stores it. The last value: whether the stored one is
    damaged."""
    file, found = one.file, one.found
    kept = isinstance(found, Entry)
    if isinstance(found, Entry):
        reading = store.use(found, file)
        if reading is not None:
            return table, reading, False
        found = scan_file(file.path, file.name)
    reading = _read(connection, table, file, found, target)
    if _stamp(file) != one.stamp:
        raise SourceError(
            f"{file.name}: the file changed while it was read; "
            "build again when the delivery is complete"
        )
    return table, store.add(table, reading), kept


def _stamp(file: Delivered) -> tuple[int, ...]:
    found = file.path.lstat()
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev


def _read(
    connection: duckdb.DuckDBPyConnection, table: str, file: Delivered, one: AnyScan, target: Path
) -> FileReading:
    with connection.cursor() as cursor:
        try:
            return read_file(cursor, load_tables()[table], file, one, target)
        except (duckdb.Error, UnicodeDecodeError) as problem:
            if not isinstance(one, Scan) and not _is_ours(problem):
                raise damaged(one, file.name, problem) from None
            if not isinstance(problem, duckdb.InvalidInputException | duckdb.ConversionException):
                raise
            # The engine's message quotes the line: only the kind of error may be shown.
            kind = str(problem).split("\n", 1)[0].split(":")[0]
            raise SourceError(f"{file.name}: cannot be read as CSV ({kind})") from None


def _is_ours(problem: Exception) -> bool:
    """Returns whether the machine or the operator stopped the engine, and not the content of the file."""
    return is_disk_full(problem) or isinstance(
        problem, duckdb.OutOfMemoryException | duckdb.InterruptException
    )


def _refuse_header_only(done: Mapping[str, list[FileReading]], steps: Steps) -> None:
    required = {
        name for need in needs() if need.required for name in (need.table, need.instead) if name
    }
    for table, readings in done.items():
        if table in required and not any(reading.rows for reading in readings):
            _refuse_empty(readings[0])
        for reading in readings:
            if reading.origin.format != "csv":
                continue  # a writer that shares rows out leaves some shards empty
            if reading.rows == 0 and table in required:
                _refuse_empty(reading)
            if reading.rows == 0:
                steps.warn(f"{reading.file.name}: a header and no line")


def _refuse_empty(reading: FileReading) -> NoReturn:
    if reading.origin.format != "csv":
        kind = "Parquet file" if reading.origin.format == "parquet" else "SAS dataset"
        raise SourceError(f"{reading.file.name}: the {kind} has columns and no row")
    raise SourceError(f"{reading.file.name}, line 2: the file ends after its header")


def _once(table: str, files: list[Looked], steps: Steps) -> Iterator[Looked]:
    first: dict[tuple[str, int | None], str] = {}
    for one in sorted(files, key=lambda one: one.file.name):
        content = one.found.sha256, one.file.year if load_tables()[table].is_standing else None
        if content in first:
            steps.warn(f"{one.file.name} has the same content as {first[content]}: read once")
            continue
        first[content] = one.file.name
        yield one


class _Pool(ThreadPoolExecutor):
    """A thread pool that drops the tasks not yet started when one fails."""

    def __exit__(self, *problem: object) -> None:
        self.shutdown(wait=True, cancel_futures=True)
