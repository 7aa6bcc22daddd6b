"""The simplified product DCIRS, read as if it were DCIR: the steps that follow know one set of names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.ingest import TableReading
from openchronic.building.typed import files_of, show, show_unique, unknown
from openchronic.delivery.finding import needs
from openchronic.engines.text import sql
from openchronic.schema import load_tables


def is_simplified(readings: Collection[str]) -> bool:
    """Whether the claims come from DCIRS alone."""
    return "NS_PRS_F" in readings and "ER_PRS_F" not in readings


def delivered(readings: Mapping[str, TableReading], table: str) -> str:
    """The delivered table that holds what ``table`` of DCIR would."""
    if not is_simplified(readings):
        return table
    return next(need.instead for need in needs() if need.table == table)


def show_beneficiaries(context: Context) -> None:
    """Make the view IR_BEN_R with the archived, or of IR_IBA_R where only that was delivered."""
    readings = context.readings
    if "IR_BEN_R" in readings:
        archived = files_of(readings.get("IR_BEN_R_ARC"))
        show(context, "IR_BEN_R", files_of(readings["IR_BEN_R"]) + archived)
    else:
        show(context, "IR_IBA_R", files_of(readings.get("IR_IBA_R")))
        _stand_in(context, "IR_BEN_R")


def know_persons(context: Context) -> None:
    """Make ``known_person``: by which pair a person of DCIRS is looked up."""
    context.engine.scratch("known_person", sql("dcirs/known_person"))


def show_claims(context: Context, table: str, files: Iterable[Path]) -> int:
    """Make the view ``table`` of DCIR over typed ``files`` of whichever product was delivered.

    Returns how many lines are left out as delivered twice.
    """
    name = delivered(context.readings, table)
    extra = show_unique(context, name, files)
    if name != table:
        _stand_in(context, table)
    return extra


def show_facilities(context: Context, files: Iterable[Path]) -> None:
    """Make the view ER_ETE_F over its typed ``files``, or of the claims of DCIRS that are shown."""
    if is_simplified(context.readings):
        _stand_in(context, "ER_ETE_F")
    else:
        show(context, "ER_ETE_F", files)


def _stand_in(context: Context, table: str) -> None:
    """What the simplified product lacks is NULL: every column of ``table`` is there."""
    query = sql(f"dcirs/{table.lower()}")
    there = {name.upper() for name in context.engine.columns(query)}
    lacking = [
        f"{unknown(column)} AS {column.name}"
        for column in load_tables()[table].columns
        if column.name.upper() not in there
    ]
    context.engine.view(table.lower(), f"SELECT {', '.join(['*', *lacking])} FROM ({query})")
