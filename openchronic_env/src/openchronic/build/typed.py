"""Shows typed Parquet as views named like the tables, in lower case, for the SQL texts to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.ingest import TableReading
from openchronic.catalogue import Column, load_tables
from openchronic.ingest.emptying import EMPTIED
from openchronic.ingest.line_query import TYPES
from openchronic.ingest.raw import FILE


def show(context: Context, table: str, files: Iterable[Path]) -> None:
    """Makes the view ``table`` over the good lines of typed ``files`` (none: an empty view)."""
    context.engine.view(table.lower(), good_rows(context, table, files))


def files_of(reading: TableReading | None) -> list[Path]:
    """Returns the typed files of a table that is cut by year or not at all."""
    if reading is None:
        return []
    return sorted(path for files in reading.typed.values() for path in files)


def months(readings: Mapping[str, TableReading], tables: Iterable[str]) -> list[str]:
    """Returns the months (``2021-03``) in which some file of ``tables`` has lines."""
    found = {
        month for table in tables if table in readings for month in readings[table].typed_of_month
    }
    return sorted(found - {"none"})


def files_of_months(reading: TableReading | None, chosen: Iterable[str]) -> list[Path]:
    """Returns the typed files of some months."""
    if reading is None:
        return []
    return sorted(path for month in chosen for path in reading.typed_of_month.get(month, ()))


def years_of(readings: Mapping[str, TableReading], tables: Iterable[str]) -> list[int]:
    """Returns the years of the delivered files of ``tables``; 0 stands for a file without a year."""
    return sorted(
        {
            file.file.year or 0
            for table in tables
            if table in readings
            for file in readings[table].files
        }
    )


def files_of_year(reading: TableReading | None, year: int) -> list[Path]:
    """Returns the typed files of one year."""
    if reading is None:
        return []
    folders = {file.folder for file in reading.files if (file.file.year or 0) == year}
    return sorted(path for folder in folders for path in reading.typed[folder])


def type_of(column: Column) -> str:
    """Returns the SQL type of ``column``, as both engines write it."""
    return TYPES[column.type].replace("VARCHAR", "STRING")


def no_row(table: str) -> str:
    """Returns SQL: no row, with the columns of ``table``."""
    columns = ", ".join(
        f"CAST(NULL AS {type_of(column)}) AS {column.name}"
        for column in load_tables()[table].columns
    )
    return f"SELECT {columns}, CAST(NULL AS INTEGER) AS file_year WHERE FALSE"


def good_rows(context: Context, table: str, files: Iterable[Path]) -> str:
    """Returns SQL: the lines of typed ``files`` that were not rejected; no row without files."""
    files = list(files)
    if files:
        engine = context.engine
        return f"SELECT {engine.all_except('_reject', EMPTIED, FILE)} FROM {engine.scan(files)} WHERE _reject IS NULL"
    return no_row(table)
