"""Typed Parquet as views named like the tables, in lower case: what the SQL files read."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from openchronic.building.engine import quoted
from openchronic.building.ingest import TableReading
from openchronic.delivery.reading import TYPES
from openchronic.schema import Table, load_tables


def show(connection: duckdb.DuckDBPyConnection, table: str, files: Iterable[Path]) -> None:
    """Make the view ``table`` over the good lines of typed ``files`` (none: an empty view)."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {table.lower()} AS {_good(table, files)}")


def show_unique(connection: duckdb.DuckDBPyConnection, table: str, files: Iterable[Path]) -> int:
    """As ``show``, one line per key of the table; returns how many lines that leaves out.

    The same claim or stay delivered twice would multiply whatever is joined to it. Stays are
    numbered by year of their file; what cut the claims into files says nothing of them.
    """
    files = list(files)
    show(connection, table, files)
    if not files:
        return 0
    key = _key(load_tables()[table])
    found = connection.execute(
        f"SELECT count(*) - count(DISTINCT hash({key})) FROM {table.lower()}"
    ).fetchall()
    extra = int(found[0][0])
    if extra:
        once = once_per_key(table, _good(table, files))
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table.lower()} AS {once}")
    return extra


def once_per_key(table: str, query: str) -> str:
    """SQL: the rows of ``query``, which are of ``table``, one for each of its keys.

    Few are ever there twice, and only those are put in order: ordering all took half of a join.
    ``query`` is written out each time, since an engine would keep all of a CTE that is read thrice.
    """
    declared = load_tables()[table]
    key = _key(declared)
    twice = f"SELECT hash({key}) AS of_key FROM ({query}) GROUP BY of_key HAVING count(*) > 1"
    return (
        f"SELECT good.* FROM ({query}) AS good LEFT JOIN ({twice}) AS twice "
        f"ON twice.of_key = hash({key}) WHERE twice.of_key IS NULL "
        "UNION ALL SELECT * EXCLUDE (place) FROM ("
        f"SELECT good.*, row_number() OVER (PARTITION BY {key} ORDER BY {_everything(declared)}) AS place "
        f"FROM ({query}) AS good INNER JOIN ({twice}) AS twice ON twice.of_key = hash({key})) "
        "WHERE place = 1"
    )


def files_of(reading: TableReading | None) -> list[Path]:
    """The typed files of a table that is cut by year or not at all."""
    if reading is None:
        return []
    return sorted(path for file in reading.files for path in file.folder.rglob("*.parquet"))


def months(readings: Mapping[str, TableReading], tables: Iterable[str]) -> list[str]:
    """The months (``2021-03``) of which some file of ``tables`` has lines."""
    return sorted(
        {
            folder.name.removeprefix("month=")
            for table in tables
            if table in readings
            for file in readings[table].files
            for folder in file.folder.glob("month=*")
            if folder.name != "month=none"
        }
    )


def files_of_months(reading: TableReading | None, chosen: Iterable[str]) -> list[Path]:
    """The typed files of some months."""
    if reading is None:
        return []
    return sorted(
        path
        for month in chosen
        for file in reading.files
        for path in file.folder.glob(f"month={month}/*.parquet")
    )


def file_list(files: Iterable[Path]) -> str:
    """SQL: the scan of some Parquet files."""
    names = ", ".join(quoted(glob.escape(str(path))) for path in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


def no_row(table: str) -> str:
    """SQL: the columns of ``table``, and nothing in them."""
    columns = ", ".join(
        f"CAST(NULL AS {TYPES[column.type]}) AS {column.name}"
        for column in load_tables()[table].columns
    )
    return f"SELECT {columns}, CAST(NULL AS INTEGER) AS file_year WHERE FALSE"


def _good(table: str, files: Iterable[Path]) -> str:
    files = list(files)
    if files:
        return f"SELECT * EXCLUDE (_reject) FROM {file_list(files)} WHERE _reject IS NULL"
    return no_row(table)


def _key(table: Table) -> str:
    return ", ".join((*table.key, *(("coalesce(file_year, 0)",) if table.period == "year" else ())))


def _everything(table: Table) -> str:
    return ", ".join(f"{column.name} NULLS LAST" for column in table.columns)
