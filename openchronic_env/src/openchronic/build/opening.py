"""Opens the databases of a build, and the engine that an operator chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from openchronic.build.checkpoint import Finished, begin
from openchronic.build.fingerprint import CODE
from openchronic.build.ingest import TableReading
from openchronic.build.ingest_by_tasks import ByTasks
from openchronic.build.ingest_task import work
from openchronic.build.settings import Settings
from openchronic.build.workspace import Workplace
from openchronic.engines import Engine
from openchronic.engines.duck import Duck
from openchronic.runtime.database import engine
from openchronic.runtime.progress import Steps
from openchronic.store.code import code_digest


def begin_parts(settings: Settings, place: Workplace, steps: Steps, *, recipe: str) -> Finished:
    """Returns the finished parts of earlier builds that this one can take over, as far as their inputs are equal.

    Parts by Spark, and those that are not kept for a later build, are of the same files and settings.
    """
    wanted = f"{recipe} {settings.engine} {settings.memory}"
    basis = [code_digest(CODE), duckdb.__version__, settings.key.fingerprint, settings.buckets]
    what = " ".join(str(one) for one in basis) if settings.takes_over else wanted
    finished = begin(place, basis=what, recipe=wanted, again=settings.rebuild)
    if place.database.is_file() and not _opens(settings, place):
        steps.warn(
            "the database of the parts that earlier builds made is damaged: all are made again"
        )
        place.empty()
        finished = begin(place, basis=what, recipe=wanted)
    if len(finished):
        steps.say(
            f"a killed build had finished {len(finished)} parts: going on from there"
            if finished.goes_on
            else f"earlier builds left {len(finished)} parts: those of equal inputs are taken over"
        )
    return finished


def _opens(settings: Settings, place: Workplace) -> bool:
    """Returns whether the database of earlier builds can be opened: it may have been damaged meanwhile."""
    try:
        with open_database(settings, place, place.private):
            return True
    except duckdb.Error:
        return False


@contextmanager
def open_database(
    settings: Settings, place: Workplace, folder: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a database in the private ``folder`` of a build, within its memory and threads."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with engine(
        folder, memory=settings.memory, threads=settings.threads, spill=place.spill
    ) as connection:
        yield connection


def tasks_of(settings: Settings, place: Workplace) -> ByTasks | None:
    """Returns the tasks that read the delivery on Spark's executors; None where the build's own process does.

    Raises OpenChronicError where Spark is not installed.
    """
    if settings.engine != "spark" or settings.ingest == "driver":
        return None
    # Late imports: a build with DuckDB does not wait for Spark to load.
    from openchronic.engines.spark_settings import configured, is_local
    from openchronic.engines.spark_tasks import has_executors, run_tasks
    from openchronic.engines.sparks import begin

    # A local session waits for the sizes of the files, which decide how its Java starts.
    if settings.ingest == "auto" and is_local(configured()):
        return None
    session = begin([], memory=settings.memory, threads=settings.threads)
    if settings.ingest == "auto" and not has_executors(session):
        return None
    run = partial(run_tasks, session, work)
    return ByTasks(run, place.scans, settings.memory // settings.threads)


def open_engine(
    settings: Settings,
    place: Workplace,
    connection: duckdb.DuckDBPyConnection,
    readings: Mapping[str, TableReading],
) -> Engine:
    """Returns DuckDB over ``connection``, or Spark sized to the typed files of ``readings``.

    Raises OpenChronicError where Spark is not installed.
    """
    tables = place.private / "tables"
    if settings.engine == "duckdb":
        return Duck(connection, tables, memory=settings.memory)
    # A late import: a build with DuckDB does not wait for Spark to load.
    from openchronic.engines.spark import Spark
    from openchronic.engines.sparks import begin

    files = [
        path
        for reading in readings.values()
        for folder in reading.folders
        for path in folder.rglob("*.parquet")
    ]
    session = begin(files, memory=settings.memory, threads=settings.threads)
    return Spark(session, tables)
