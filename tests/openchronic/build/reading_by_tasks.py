"""Reads a delivery by tasks, which are run here in place of Spark's, or by threads, and shows all that was read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from openchronic.build.ingest import TableReading, read_all, scan_all
from openchronic.build.ingest_by_tasks import ByTasks, Run
from openchronic.build.ingest_task import work
from openchronic.build.typed import files_of
from openchronic.ingest.judging import judge
from openchronic.ingest.ranges import RANGE_BYTES
from openchronic.runtime.database import engine
from openchronic.runtime.progress import Steps
from openchronic.store import Readers, Store, open_store

MEMORY = 300 * 10**6

Read = tuple[Store, dict[str, TableReading], list[str]]


def once(works: Sequence[bytes]) -> Sequence[bytes]:
    """Runs each work, and lets no mode of files of a task stay with the tests."""
    before = os.umask(0o022)
    try:
        return [work(one) for one in works]
    finally:
        os.umask(before)


def read(source: Path, folder: Path, run: Run | None = None, *, most: int = RANGE_BYTES) -> Read:
    """Reads a delivery into the store of ``folder`` by tasks, or by threads where nothing runs them.

    Returns what the driver said too.
    """
    folder.mkdir(exist_ok=True)
    typed = Path(tempfile.mkdtemp(dir=folder))
    store = open_store(folder / "store", reread=False, readers=Readers())
    console = Console(record=True, width=1000, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    steps = Steps(console)
    by = ByTasks(run, typed, MEMORY, most) if run else None
    with engine(typed, memory=MEMORY, threads=1, spill=typed) as connection:
        scanned = scan_all(judge(source).reads(), store, steps, threads=1, by=by)
        readings = read_all(
            *(connection, scanned, store, typed / "typed", steps), threads=1, max_rejects=1.0, by=by
        )
    said = [line for line in console.export_text().splitlines() if "MB" not in line]
    return store, readings, said


def twice(works: Sequence[bytes]) -> Sequence[bytes]:
    """Runs each work two times, as Spark does with one that is slow."""
    return [once([one, one])[1] for one in works]


def told(readings: dict[str, TableReading]) -> dict[str, list[dict[str, Any]]]:
    """Returns all that is known of each file, but for the folder of its lines."""
    return {
        table: [asdict(replace(one, folder=Path())) for one in reading.files]
        for table, reading in readings.items()
    }


def lines(readings: dict[str, TableReading]) -> dict[str, list[tuple[Any, ...]]]:
    """Returns every typed line, those that are rejected too."""
    found = {}
    with duckdb.connect() as connection:
        for table, reading in readings.items():
            files = [str(path) for path in files_of(reading)]
            query = "SELECT * FROM read_parquet(?, hive_partitioning = true)"
            found[table] = sorted(connection.execute(query, [files]).fetchall(), key=repr)
    return found
