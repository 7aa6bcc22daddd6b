"""Opens DuckDB for a build or a session, with limits and a spill folder, and without downloads."""

from __future__ import annotations

import glob
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

from openchronic.errors import SettingsError
from openchronic.runtime.limits import memory_limit
from openchronic.runtime.text import quoted, sql

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
UNITS = " KMGT"
LEAST_MEMORY = 250 * 10**6
# The database of a build, in its private folder.
DATABASE = "build.duckdb"
# DuckDB keeps up to this many rows of each open partition in memory.
PARTITION_ROWS = 40_000
# Of the session's memory, for the engine that reads releases there. The rest is for Python itself: data frames, models,
# the notebook.
DUCKDB_SHARE_OF_SESSION = 0.6


@contextmanager
def engine(
    place: Path, *, memory: int, threads: int, spill: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a database of the build's own in ``place``, with at most ``memory`` bytes of buffers."""
    connection = duckdb.connect(
        str(place / DATABASE),
        config={
            "memory_limit": f"{memory // 10**6}MB",
            "threads": threads,
            "temp_directory": str(spill),
            "partitioned_write_flush_threshold": PARTITION_ROWS,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        },
    )
    try:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(sql("duckdb_functions"))
        yield connection
    finally:
        connection.close()


def bytes_of(text: str) -> int:
    """Returns ``4GB`` (10^9) or ``4GiB`` (2^30) as a number of bytes. Raises SettingsError."""
    found = SIZE.fullmatch(text.strip())
    if not found:
        raise SettingsError(f"--memory {text}: not a memory size (examples: 800MB, 4GB)")
    size = int(
        float(found[1]) * (1024 if found[3] else 1000) ** UNITS.index(found[2].upper() or " ")
    )
    if size < LEAST_MEMORY:
        raise SettingsError(f"--memory {text}: a build needs {LEAST_MEMORY // 10**6}MB or more")
    return size


def open_engine(*, threads: int) -> duckdb.DuckDBPyConnection:
    """Opens an engine within the limits of the session that downloads nothing."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{int(memory_limit() * DUCKDB_SHARE_OF_SESSION) // 10**6}MB",
            "threads": threads,
            "temp_directory": _spill_folder(),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    # Files of a release never change: without it, each question about one subject reads the footers of all.
    connection.execute("SET parquet_metadata_cache = true")
    return connection


def scan(files: Iterable[Path], condition: str | None = None) -> str:
    """Returns SQL: a scan of exactly these files, whatever characters their names hold."""
    names = ", ".join(quoted(glob.escape(str(path))) for path in files)
    rows = f"read_parquet([{names}], hive_partitioning = false)"
    return f"{rows} WHERE {condition}" if condition else rows


@cache
def _spill_folder() -> str:
    # The folder is for this session alone: two DuckDB processes must not share one.
    return str(Path(tempfile.mkdtemp(prefix="openchronic-")))
