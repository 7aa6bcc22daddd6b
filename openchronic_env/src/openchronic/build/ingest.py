"""Turns all delivered files into typed tables: scans each, reads it unless the store has it, checks it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import duckdb

from openchronic.build.header_only import refuse_header_only
from openchronic.catalogue import load_tables
from openchronic.errors import SourceError, is_disk_full
from openchronic.ingest.finding import Delivered, Found
from openchronic.ingest.raw import AnyScan, damaged, scan_file
from openchronic.ingest.reading import FileReading, read_file, read_group
from openchronic.ingest.rejects import Reject, refuse_too_many
from openchronic.ingest.scanning import Scan, digest_of
from openchronic.ingest.shards import grouped
from openchronic.runtime.interrupts import held_back
from openchronic.runtime.progress import Steps
from openchronic.store import Entry, Store, key_of


@dataclass(frozen=True)
class Looked:
    """A delivered file and its scan. ``stamp``: its size, time and identity on the disk before the scan."""

    file: Delivered
    found: AnyScan | Entry
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


@dataclass(frozen=True)
class _Job:
    """Files that are read together, or that share a folder of the store: ``entries`` then."""

    table: str
    files: tuple[Looked, ...]
    entries: tuple[Entry, ...] = ()

    @property
    def size(self) -> int:
        return sum(one.size for one in self.files)


Scanned = Mapping[str, tuple[Looked, ...]]


@dataclass(frozen=True)
class TableReading:
    """The files of one table, after reading."""

    name: str
    files: tuple[FileReading, ...]

    @property
    def folders(self) -> tuple[Path, ...]:
        """Returns the folders of typed files; delivered files that were read together share one."""
        return tuple(dict.fromkeys(file.folder for file in self.files))

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
    # The largest go first, so that none is read alone at the end.
    jobs = sorted(_jobs(scanned, store), key=lambda job: -job.size)
    done: defaultdict[str, list[FileReading]] = defaultdict(list)
    with (
        steps.step("reading files", total=sum(one.size for one in jobs), unit="bytes") as tick,
        _Pool(threads) as pool,
    ):
        with held_back():
            waiting = {
                pool.submit(_take, connection, job, store, typed / job.table / f"f{place:04}"): job
                for place, job in enumerate(jobs)
            }
        for future in as_completed(waiting):
            readings, damaged_entry = future.result()
            job = waiting[future]
            for reading in readings if damaged_entry else ():
                steps.warn(f"{reading.file.name}: what was kept of it is damaged; it is read again")
            done[job.table] += readings
            tick(job.size)
    steps.say(f"reading files: {store.files_added} read, {store.files_used} unchanged")
    tables = {}
    refuse_header_only(done, steps)
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


def _jobs(scanned: Scanned, store: Store) -> Iterator[_Job]:
    """Yields what the store has, by its folders, and the files that it has not, in groups of one writer."""
    keys = {
        (table, one.name): key_of(table, one.file, one.found.sha256)
        for table, files in scanned.items()
        for one in files
    }
    covered = store.covering(keys.values())
    for table, files in scanned.items():
        kept: defaultdict[Path, list[tuple[Looked, Entry]]] = defaultdict(list)
        fresh = []
        for one in files:
            entry = covered.get(keys[table, one.name])
            if entry is None:
                fresh.append(one)
            else:
                kept[entry.folder].append((one, entry))
        for shared in kept.values():
            yield _Job(table, *zip(*shared, strict=True))
        yield from (_Job(table, group) for group in grouped(fresh))


def _take(
    connection: duckdb.DuckDBPyConnection, job: _Job, store: Store, target: Path
) -> tuple[list[FileReading], bool]:
    """Returns the stored readings of the job, or reads and stores them. The last value: whether the stored ones are
    damaged."""
    if job.entries and store.use(job.entries):
        stored = zip(job.files, job.entries, strict=True)
        return [entry.reading(one.file) for one, entry in stored], False
    scans = [
        (
            one.file,
            scan_file(one.file.path, one.name) if isinstance(one.found, Entry) else one.found,
        )
        for one in job.files
    ]
    readings: list[FileReading] = []
    for group in _read(connection, job.table, scans, target):
        for reading in group:
            _refuse_changed(next(one for one in job.files if one.file == reading.file))
        readings += store.add(job.table, group)
    return readings, bool(job.entries)


def _refuse_changed(one: Looked) -> None:
    if _stamp(one.file) != one.stamp:
        raise SourceError(
            f"{one.name}: the file changed while it was read; "
            "build again when the delivery is complete"
        )


def _stamp(file: Delivered) -> tuple[int, ...]:
    found = file.path.lstat()
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev


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
