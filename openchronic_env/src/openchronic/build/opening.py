"""Opens the databases of a build, and the engine that an operator chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from openchronic.build.ingest import TableReading
from openchronic.build.settings import Settings
from openchronic.build.workspace import Workplace
from openchronic.engines import Engine
from openchronic.engines.duck import Duck
from openchronic.runtime.database import engine


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
