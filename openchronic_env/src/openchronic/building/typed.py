"""Typed Parquet as views named like the tables, in lower case: what the SQL files read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.ingest import TableReading
from openchronic.delivery.reading import TYPES
from openchronic.engines import Engine
from openchronic.schema import Column, Table, load_tables


def show(context: Context, table: str, files: Iterable[Path]) -> None:
    """Make the view ``table`` over the good lines of typed ``files`` (none: an empty view)."""
    context.engine.view(table.lower(), _good(context, table, files))


def show_unique(context: Context, table: str, files: Iterable[Path]) -> int:
    """As ``show``, one line per key of the table; returns how many lines that leaves out.

    The same claim or stay delivered twice would multiply whatever is joined to it. Stays are
    numbered by year of their file; what cut the claims into files says nothing of them.
    """
    files = list(files)
    show(context, table, files)
    if not files:
        return 0
    key = _key(load_tables()[table])
    (extra,) = context.one(
        f"SELECT count(*) - count(DISTINCT {context.engine.distinct(key)}) FROM {table.lower()}"
    )
    if extra:
        good = _good(context, table, files)
        context.engine.view(table.lower(), once_per_key(context.engine, table, good))
    return extra


def once_per_key(engine: Engine, table: str, query: str) -> str:
    """SQL: the rows of ``query``, which are of ``table``, one for each of its keys.

    Few are ever there twice, and only those are put in order: ordering all took half of a join.
    ``query`` is written out each time, since an engine would keep all of a CTE that is read thrice.
    """
    declared = load_tables()[table]
    key = _key(declared)
    this = engine.distinct(key)
    twice = f"SELECT {this} AS of_key FROM ({query}) AS good GROUP BY of_key HAVING count(*) > 1"
    return (
        f"SELECT good.* FROM ({query}) AS good LEFT JOIN ({twice}) AS twice "
        f"ON twice.of_key = {this} WHERE twice.of_key IS NULL "
        f"UNION ALL SELECT {engine.but('place')} FROM ("
        f"SELECT good.*, row_number() OVER (PARTITION BY {', '.join(key)} "
        f"ORDER BY {_everything(declared)}) AS place "
        f"FROM ({query}) AS good INNER JOIN ({twice}) AS twice ON twice.of_key = {this}) "
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


def type_of(column: Column) -> str:
    """The SQL type of ``column``, as both engines write it."""
    return TYPES[column.type].replace("VARCHAR", "STRING")


def no_row(table: str) -> str:
    """SQL: the columns of ``table``, and nothing in them."""
    columns = ", ".join(
        f"CAST(NULL AS {type_of(column)}) AS {column.name}"
        for column in load_tables()[table].columns
    )
    return f"SELECT {columns}, CAST(NULL AS INTEGER) AS file_year WHERE FALSE"


def _good(context: Context, table: str, files: Iterable[Path]) -> str:
    files = list(files)
    if files:
        engine = context.engine
        return f"SELECT {engine.but('_reject')} FROM {engine.scan(files)} WHERE _reject IS NULL"
    return no_row(table)


def _key(table: Table) -> list[str]:
    return [*table.key, *(["coalesce(file_year, 0)"] if table.period == "year" else [])]


def _everything(table: Table) -> str:
    return ", ".join(f"{column.name} NULLS LAST" for column in table.columns)
