"""DuckDB on a release: one view per table, memory and threads sized to the session."""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb

from openchronic.releases import Release
from openchronic.session.limits import memory_limit, thread_limit
from openchronic.session.pinning import pinned

# The rest is for Python itself: data frames, models, the notebook.
SHARE_OF_MEMORY = 0.6


def connect(release: Release | str | None = None) -> duckdb.DuckDBPyConnection:
    """Une connexion DuckDB où chaque table de la version est une vue.

    Sans argument : la version en service au premier appel de la session, et la même ensuite.
    """
    chosen = pinned(release)
    connection = open_engine(threads=thread_limit())
    for name in chosen.tables:
        rows = scan(chosen.files(name), chosen.condition(name))
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {rows}")
    return connection


def table(name: str, release: Release | str | None = None) -> duckdb.DuckDBPyRelation:
    """Une table de la version, à la demande : rien n'est lu avant ``.df()``, ``.show()``…"""
    chosen = pinned(release)
    chosen.files(name)  # says in French that there is no such table
    return shared(chosen).table(name)


@cache
def shared(release: Release) -> duckdb.DuckDBPyConnection:
    """The session's own connection to a release: relations of one connection can be joined."""
    return connect(release)


def open_engine(*, threads: int) -> duckdb.DuckDBPyConnection:
    """An engine that fits the session and fetches nothing."""
    return duckdb.connect(
        config={
            "memory_limit": f"{int(memory_limit() * SHARE_OF_MEMORY) // 10**6}MB",
            "threads": threads,
            "temp_directory": _spill_folder(),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def scan(files: Iterable[Path], condition: str | None = None) -> str:
    """These files and no others, whatever characters their names hold."""
    names = ", ".join(_quoted(glob.escape(str(path))) for path in files)
    rows = f"read_parquet([{names}], hive_partitioning = false)"
    return f"{rows} WHERE {condition}" if condition else rows


@cache
def _spill_folder() -> str:
    # Of this session alone: two DuckDB processes must not share one.
    return str(Path(tempfile.mkdtemp(prefix="openchronic-")))


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"
