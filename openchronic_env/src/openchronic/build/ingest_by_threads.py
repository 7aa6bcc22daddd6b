"""Looks at the files of a delivery and reads them by threads of the build's own process."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import duckdb

from openchronic.build.ingest_job import Job, Taken
from openchronic.build.taking import Looked, look, stamp_of, take
from openchronic.ingest.finding import Delivered
from openchronic.ingest.reading import FileReading
from openchronic.runtime.interrupts import held_back
from openchronic.store import Store


def look_by_threads(
    files: Sequence[tuple[str, Delivered]], store: Store, *, threads: int
) -> Generator[tuple[str, Looked]]:
    """Yields the table of each file with what a look at it tells, as soon as it is known."""
    with _Pool(threads) as pool:
        with held_back():
            waiting = {pool.submit(_look, table, file, store): table for table, file in files}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def take_by_threads(
    connection: duckdb.DuckDBPyConnection,
    jobs: Sequence[Job],
    store: Store,
    typed: Path,
    *,
    threads: int,
) -> Generator[Taken]:
    """Yields what each of ``jobs`` gives, as soon as it is stored; files are typed in folders of ``typed``."""
    with _Pool(threads) as pool:
        with held_back():
            waiting = [
                pool.submit(_take, connection, job, store, typed / job.table / f"f{place:04}")
                for place, job in enumerate(jobs)
            ]
        for future in as_completed(waiting):
            yield future.result()


def _look(table: str, file: Delivered, store: Store) -> Looked:
    stamp = stamp_of(file)
    found = look(
        file,
        may_be_known=store.may_hold(stamp[0]),
        known=lambda sha256: store.find(table, file, sha256),
    )
    return Looked(file, found, stamp)


def _take(connection: duckdb.DuckDBPyConnection, job: Job, store: Store, target: Path) -> Taken:
    """Returns the stored readings of the job, or reads and stores them."""
    if job.entries and store.use(job.entries):
        return Taken(job, job.kept())
    readings: list[FileReading] = []
    for group in take(connection, job.table, job.files, target):
        readings += store.add(job.table, group)
    return Taken(job, readings, was_damaged=bool(job.entries))


class _Pool(ThreadPoolExecutor):
    """A thread pool that drops the tasks not yet started when one fails."""

    def __exit__(self, *problem: object) -> None:
        self.shutdown(wait=True, cancel_futures=True)
