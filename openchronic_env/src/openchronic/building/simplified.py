"""The simplified product DCIRS, read as if it were DCIR: the steps that follow know one set of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.ingest import TableReading
from openchronic.building.shared import show_unique
from openchronic.building.standing import stand_in
from openchronic.building.typed import files_of, show, type_of
from openchronic.catalogue import is_simplified, load_tables
from openchronic.catalogue.claims import CLAIMS, delivered_name
from openchronic.delivery.passage import TABLE as PASSAGE
from openchronic.engines.text import sql

RANK = "BEN_RNG_GEM"
PEOPLE = ("IR_BEN_R", "IR_BEN_R_ARC")


def delivered(readings: Mapping[str, TableReading], table: str) -> str:
    """The delivered table that holds what ``table`` of DCIR would."""
    return delivered_name(table, simplified=is_simplified(readings))


def show_beneficiaries(context: Context) -> None:
    """Make the view IR_BEN_R with the archived, or of IR_IBA_R where only that was delivered.

    And ``identity_record``: what it and the table of passage say of who is who.
    """
    readings = context.readings
    if "IR_BEN_R" in readings:
        archived = files_of(readings.get("IR_BEN_R_ARC"))
        show(context, "IR_BEN_R", files_of(readings["IR_BEN_R"]) + archived)
    else:
        show(context, "IR_IBA_R", files_of(readings.get("IR_IBA_R")))
        _stand_in(context, "IR_BEN_R")
    show(context, PASSAGE, files_of(readings.get(PASSAGE)))
    context.engine.view("identity_record", sql("identity_record"))


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
    elif table == CLAIMS:
        forget_ranks(context, table)
    return extra


def lacks_rank(context: Context, *tables: str) -> bool:
    """Whether some file of ``tables`` has no column of the birth rank."""
    return any(
        RANK in file.origin.absent
        for table in tables
        if table in context.readings
        for file in context.readings[table].files
    )


def forget_ranks(context: Context, table: str) -> None:
    """Where the referential has no ranks, those of ``table`` lead to nobody in it: the number alone does."""
    if lacks_rank(context, *PEOPLE):
        view = table.lower()
        context.engine.scratch(
            f"{view}_unranked",
            f"SELECT {context.engine.but(RANK)}, CAST(NULL AS BIGINT) AS {RANK} FROM {view}",
        )
        context.engine.view(view, f"SELECT * FROM {view}_unranked")


def show_facilities(context: Context, files: Iterable[Path]) -> None:
    """Make the view ER_ETE_F over its typed ``files``, or of the claims of DCIRS that are shown."""
    if is_simplified(context.readings):
        _stand_in(context, "ER_ETE_F")
    else:
        show(context, "ER_ETE_F", files)


def _stand_in(context: Context, table: str) -> None:
    """What the simplified product lacks is NULL: every column of ``table`` is there, of its type."""
    query = stand_in(table)
    there = list(context.engine.columns(query))
    declared = load_tables()[table].columns
    columns = [
        f"CAST({column.name if column.name in there else 'NULL'} AS {type_of(column)}) "
        f"AS {column.name}"
        for column in declared
    ]
    others = [name for name in there if name not in {column.name for column in declared}]
    context.engine.view(table.lower(), f"SELECT {', '.join([*columns, *others])} FROM ({query})")
