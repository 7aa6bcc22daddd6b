"""Turns all delivered files into typed tables: scans each, reads it unless the store has it, checks it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import duckdb

from openchronic.build.header_only import refuse_header_only
from openchronic.build.ingest_by_threads import look_by_threads, take_by_threads
from openchronic.build.ingest_job import Job, Taken
from openchronic.build.taking import Looked, stamp_of
from openchronic.catalogue import load_tables
from openchronic.ingest.finding import Delivered, Found
from openchronic.ingest.reading import FileReading
from openchronic.ingest.rejects import Reject, refuse_too_many
from openchronic.ingest.shards import group_of, grouped
from openchronic.runtime.progress import Steps
from openchronic.store import Entry, Store, key_of


class Tasks(Protocol):
    """Executors that look at files and read them in the place of the build's own threads."""

    def look(
        self, files: Sequence[tuple[str, Delivered]], store: Store
    ) -> Generator[tuple[str, Looked]]:
        """Yields the table of each file with what a look at it tells."""

    def take(self, jobs: Sequence[Job], store: Store) -> Generator[Taken]:
        """Yields what each of ``jobs`` gives."""


Scanned = Mapping[str, tuple[Looked, ...]]
# The folders of a month among the typed files of a table.
MONTH = "month="


@dataclass(frozen=True)
class TableReading:
    """The files of one table, after reading."""

    name: str
    files: tuple[FileReading, ...]

    @property
    def folders(self) -> tuple[Path, ...]:
        """Returns the folders of typed files; delivered files that were read together share one."""
        return tuple(dict.fromkeys(file.folder for file in self.files))

    @cached_property
    def typed(self) -> Mapping[Path, tuple[Path, ...]]:
        """Returns the typed files of each of ``folders``. They are listed once: no build changes a stored folder."""
        return {one: tuple(sorted(one.rglob("*.parquet"))) for one in self.folders}

    @cached_property
    def typed_of_month(self) -> Mapping[str, tuple[Path, ...]]:
        """Returns the typed files of each month (``2021-03``, or ``none``) of a table that is cut by months."""
        found: defaultdict[str, list[Path]] = defaultdict(list)
        for files in self.typed.values():
            for path in files:
                if path.parent.name.startswith(MONTH):
                    found[path.parent.name.removeprefix(MONTH)].append(path)
        return {month: tuple(sorted(paths)) for month, paths in found.items()}

    @cached_property
    def folder_of(self) -> Mapping[Path, Path]:
        """Returns the folder of each typed file, as ``folders`` has it."""
        return {path: folder for folder, files in self.typed.items() for path in files}

    @cached_property
    def writer_of(self) -> Mapping[Path, str]:
        """Returns what wrote the delivered files of each folder: shares of one file are of one."""
        return {one.folder: group_of(one.file.name) for one in self.files}

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def kept(self) -> int:
        return sum(file.kept for file in self.files)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(reject for file in self.files for reject in file.rejects)


def scan_all(
    found: Found, store: Store, steps: Steps, *, threads: int, by: Tasks | None = None
) -> Scanned:
    """Scans every file once, by threads or ``by`` tasks of executors. A file that is delivered twice under two names is
    read once, and reported."""
    files = [(table, file) for table, some in found.tables.items() for file in some]
    scanned: defaultdict[str, list[Looked]] = defaultdict(list)
    total = sum(stamp_of(file)[0] for _, file in files)
    looks = by.look(files, store) if by else look_by_threads(files, store, threads=threads)
    # Threads that still read end before what they read with does.
    with steps.step("checking files", total=total, unit="bytes") as tick, closing(looks):
        for table, one in looks:
            scanned[table].append(one)
            if by is None:
                tick(one.size)
        if by is not None:
            # The answers of all tasks come at once, after them.
            tick(total)
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
    by: Tasks | None = None,
) -> dict[str, TableReading]:
    """Casts every file that is not in the store, and adds it there: by threads, or ``by`` tasks of executors.

    Raises SourceError where a file cannot be read or changes meanwhile, or where too many lines are rejected.
    """
    # The largest go first, so that none is read alone at the end.
    jobs = sorted(_jobs(scanned, store), key=lambda job: -job.size)
    done: defaultdict[str, list[FileReading]] = defaultdict(list)
    total = sum(one.size for one in jobs)
    every = (
        by.take(jobs, store)
        if by
        else take_by_threads(connection, jobs, store, typed, threads=threads)
    )
    with steps.step("reading files", total=total, unit="bytes") as tick, closing(every):
        for taken in every:
            for reading in taken.readings if taken.was_damaged else ():
                steps.warn(f"{reading.file.name}: what was kept of it is damaged; it is read again")
            done[taken.job.table] += taken.readings
            if by is None:
                tick(taken.job.size)
        if by is not None:
            tick(total)
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


def _jobs(scanned: Scanned, store: Store) -> Iterator[Job]:
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
            yield Job(table, *zip(*shared, strict=True))
        yield from (Job(table, group) for group in grouped(fresh))


def _once(table: str, files: list[Looked], steps: Steps) -> Iterator[Looked]:
    first: dict[tuple[str, int | None], str] = {}
    for one in sorted(files, key=lambda one: one.file.name):
        content = one.found.sha256, one.file.year if load_tables()[table].is_standing else None
        if content in first:
            steps.warn(f"{one.file.name} has the same content as {first[content]}: read once")
            continue
        first[content] = one.file.name
        yield one
