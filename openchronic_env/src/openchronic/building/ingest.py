"""All delivered files become typed tables: scanned, read in parallel, checked, made unique."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import duckdb

from openchronic.building.interrupts import held_back
from openchronic.building.progress import Steps
from openchronic.errors import SourceError, is_disk_full
from openchronic.schema import load_tables
from openchronic.source.finding import Delivered, Found, needs
from openchronic.source.parquet import ParquetScan, damaged
from openchronic.source.raw import AnyScan, scan_file
from openchronic.source.reading import FileReading, read_file
from openchronic.source.rejects import Reject, refuse_too_many

Scanned = Mapping[str, tuple[tuple[Delivered, AnyScan], ...]]


@dataclass(frozen=True)
class TableReading:
    """The files of one table, read. ``folder`` holds its typed Parquet."""

    name: str
    folder: Path
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


def scan_all(found: Found, steps: Steps, *, threads: int) -> Scanned:
    """Scan every file once. A file delivered twice under two names is read once, and said."""
    jobs = [(table, file) for table, files in found.tables.items() for file in files]
    scanned: defaultdict[str, list[tuple[Delivered, AnyScan]]] = defaultdict(list)
    with steps.step("checking files", total=len(jobs)) as tick, _Pool(threads) as pool:
        with held_back():
            waiting = {
                pool.submit(scan_file, file.path, file.name): (table, file) for table, file in jobs
            }
        for future in as_completed(waiting):
            table, file = waiting[future]
            scanned[table].append((file, future.result()))
            tick()
    return {table: tuple(_once(scanned[table], steps)) for table in found.tables}


def read_all(
    connection: duckdb.DuckDBPyConnection,
    scanned: Scanned,
    typed: Path,
    steps: Steps,
    *,
    threads: int,
    max_rejects: float,
) -> dict[str, TableReading]:
    """Cast every file. Raises SourceError: a file that cannot be read, too many rejects."""
    jobs = [(table, file, one) for table, files in scanned.items() for file, one in files]
    jobs.sort(
        key=lambda job: -job[2].size
    )  # the largest first, so that none is left alone at the end
    done: defaultdict[str, list[FileReading]] = defaultdict(list)
    with steps.step("reading files", total=len(jobs)) as tick, _Pool(threads) as pool:
        with held_back():
            waiting = [
                pool.submit(_read, connection, table, file, one, typed / table / f"f{place:04}")
                for place, (table, file, one) in enumerate(jobs)
            ]
        for future in as_completed(waiting):
            table, reading = future.result()
            done[table].append(reading)
            tick()
    tables = {}
    _refuse_header_only(done, steps)
    for table in scanned:
        files = tuple(sorted(done[table], key=lambda one: one.file.name))
        tables[table] = TableReading(table, typed / table, files)
        refuse_too_many(
            table, rows=tables[table].rows, rejects=tables[table].rejects, limit=max_rejects
        )
    return tables


def _read(
    connection: duckdb.DuckDBPyConnection, table: str, file: Delivered, one: AnyScan, target: Path
) -> tuple[str, FileReading]:
    with connection.cursor() as cursor:
        try:
            return table, read_file(cursor, load_tables()[table], file, one, target)
        except (duckdb.Error, UnicodeDecodeError) as problem:
            if isinstance(one, ParquetScan) and not _is_ours(problem):
                raise damaged(file.name, problem) from None
            if not isinstance(problem, duckdb.InvalidInputException | duckdb.ConversionException):
                raise
            # The engine quotes the line: only its kind of complaint may be shown.
            kind = str(problem).split("\n", 1)[0].split(":")[0]
            raise SourceError(f"{file.name}: cannot be read as CSV ({kind})") from None


def _is_ours(problem: Exception) -> bool:
    """Whether the machine or the operator stopped the engine, and not what the file holds."""
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
            if isinstance(reading.scan, ParquetScan):
                continue  # a writer that shares rows out leaves some shards empty
            if reading.rows == 0 and table in required:
                _refuse_empty(reading)
            if reading.rows == 0:
                steps.warn(f"{reading.file.name}: a header and no line")


def _refuse_empty(reading: FileReading) -> NoReturn:
    if isinstance(reading.scan, ParquetScan):
        raise SourceError(f"{reading.file.name}: the Parquet file has columns and no row")
    raise SourceError(f"{reading.file.name}, line 2: the file ends after its header")


def _once(
    files: list[tuple[Delivered, AnyScan]], steps: Steps
) -> Iterator[tuple[Delivered, AnyScan]]:
    first: dict[str, str] = {}
    for file, one in sorted(files, key=lambda pair: pair[0].name):
        if one.sha256 in first:
            steps.warn(f"{file.name} has the same content as {first[one.sha256]}: read once")
            continue
        first[one.sha256] = file.name
        yield file, one


class _Pool(ThreadPoolExecutor):
    """A pool that drops what has not started when something fails."""

    def __exit__(self, *problem: object) -> None:
        self.shutdown(wait=True, cancel_futures=True)
