"""Drawn lines of stays other than acute ones, by the tables that they are delivered in."""

from __future__ import annotations

from openchronic.catalogue import load_tables
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.other_products import GOOD
from tests.openchronic.small_delivery import Files, Row

DATES = {"EXE_SOI_DTD": "02MAR2021:00:00:00", "EXE_SOI_DTF": "20MAR2021:00:00:00"}


def lines(table: str, text: str) -> list[Row]:
    """Returns drawn lines of a PMSI table of 2021; other values are those of valid records."""
    declared = {column.name for column in load_tables()[f"T_{table[:3]}aa{table[3:]}"].columns}
    good = (
        GOOD
        | DATES
        | {"RHA_NUM": "1", "RHAD_NUM": "1", "RIP_NUM": "1", "DGN_PAL": "", "SEJ_IDT": "1"}
    )
    return [{k: v for k, v in (good | row).items() if k in declared} for row in drawn(text)]


def delivered(**tables: str) -> Files:
    """Returns drawn files of 2021 by table (``SSRB``)."""
    names = {table: f"PMSI/T_{table[:3]}21{table[3:]}.CSV" for table in tables}
    return {names[table]: lines(table, text) for table, text in tables.items()}
