"""The simplified product DCIRS, read as if it were DCIR: the steps that follow know one set of names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import duckdb

from openchronic.building.engine import sql
from openchronic.building.ingest import TableReading
from openchronic.building.typed import files_of, no_row, show, show_unique
from openchronic.delivery.finding import needs


def is_simplified(readings: Collection[str]) -> bool:
    """Whether the claims come from DCIRS alone."""
    return "NS_PRS_F" in readings and "ER_PRS_F" not in readings


def delivered(readings: Mapping[str, TableReading], table: str) -> str:
    """The delivered table that holds what ``table`` of DCIR would."""
    if not is_simplified(readings):
        return table
    return next(need.instead for need in needs() if need.table == table)


def show_beneficiaries(
    connection: duckdb.DuckDBPyConnection, readings: Mapping[str, TableReading]
) -> None:
    """Make the view IR_BEN_R with the archived, or of IR_IBA_R where only that was delivered."""
    if "IR_BEN_R" in readings:
        archived = files_of(readings.get("IR_BEN_R_ARC"))
        show(connection, "IR_BEN_R", files_of(readings["IR_BEN_R"]) + archived)
    else:
        show(connection, "IR_IBA_R", files_of(readings.get("IR_IBA_R")))
        _stand_in(connection, "IR_BEN_R")


def know_persons(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``known_person``: by which pair a person of DCIRS is looked up."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE known_person AS {sql('dcirs/known_person')}")


def show_claims(
    connection: duckdb.DuckDBPyConnection,
    readings: Mapping[str, TableReading],
    table: str,
    files: Iterable[Path],
) -> int:
    """Make the view ``table`` of DCIR over typed ``files`` of whichever product was delivered.

    Returns how many lines are left out as delivered twice.
    """
    name = delivered(readings, table)
    extra = show_unique(connection, name, files)
    if name != table:
        _stand_in(connection, table)
    return extra


def show_facilities(
    connection: duckdb.DuckDBPyConnection,
    readings: Collection[str],
    files: Iterable[Path],
) -> None:
    """Make the view ER_ETE_F over its typed ``files``, or of the claims of DCIRS that are shown."""
    if is_simplified(readings):
        _stand_in(connection, "ER_ETE_F")
    else:
        show(connection, "ER_ETE_F", files)


def _stand_in(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """What the simplified product lacks is NULL: every column of ``table`` is there."""
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {table.lower()} AS {sql(f'dcirs/{table.lower()}')} "
        f"UNION ALL BY NAME {no_row(table)}"
    )
