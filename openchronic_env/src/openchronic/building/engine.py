"""DuckDB as the engine of a build: limits, spill, and the few functions that engines differ in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import duckdb

from openchronic.errors import SettingsError

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
LEAST_MEMORY = 250 * 10**6
# DuckDB keeps up to this many rows of each open partition in memory.
PARTITION_ROWS = 40_000


@contextmanager
def engine(
    place: Path, *, memory: int, threads: int, spill: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of the build's own in ``place``, with at most ``memory`` bytes of buffers."""
    connection = duckdb.connect(
        str(place / "build.duckdb"),
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


def sql(name: str) -> str:
    """The text of ``openchronic/sql/<name>.sql``."""
    return (resources.files("openchronic") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def bytes_of(text: str) -> int:
    """``4GB`` as a number of bytes. Raises SettingsError."""
    found = SIZE.fullmatch(text.strip())
    if not found:
        raise SettingsError(f"not a memory size: {text!r} (examples: 800MB, 4GB)")
    size = int(float(found[1]) * UNITS[found[2].upper()])
    if size < LEAST_MEMORY:
        raise SettingsError(f"--memory {text}: a build needs {LEAST_MEMORY // 10**6}MB or more")
    return size


def quoted(text: str | Path) -> str:
    """``text`` as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"
