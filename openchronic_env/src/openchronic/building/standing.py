"""Tables of the simplified product DCIRS under the names of those of DCIR that they stand for."""

from __future__ import annotations

from openchronic.catalogue import Table, load_tables
from openchronic.catalogue.claims import delivered_name
from openchronic.engines.text import sql

# What joins claims and their details in DCIR, made of what joins them in DCIRS.
KEY = {
    "FLX_DIS_DTD": "FLX_DIS_DTD",
    "FLX_TRT_DTD": "FLX_DIS_DTD",
    "FLX_EMT_TYP": "0",
    "FLX_EMT_NUM": "0",
    "FLX_EMT_ORD": "0",
    "ORG_CLE_NUM": "''",
    "DCT_ORD_NUM": "CLE_DCI_JNT",
    "PRS_ORD_NUM": "0",
    "REM_TYP_AFF": "0",
}


def stand_in(table: str) -> str:
    """SQL: the rows of the delivered table that holds what ``table`` of DCIR would, under its names.

    A table of details says the same under other names; what stands for others is written out
    (``sql/dcirs``).
    """
    there = load_tables()[delivered_name(table, simplified=True)]
    if not there.lines.of:
        return sql(f"dcirs/{table.lower()}")
    named = KEY | _named(load_tables()[table], there)
    columns = ", ".join(f"{value} AS {name}" for name, value in named.items())
    return f"SELECT {columns}, file_year FROM {there.name.lower()}"


def _named(table: Table, there: Table) -> dict[str, str]:
    """The columns of ``table`` beyond its key to claims that ``there`` has, and what it calls them."""
    names = {column.dcir or column.name: column.name for column in there.columns}
    return {
        column.name: names[column.name]
        for column in table.columns
        if column.name in names and column.name not in KEY
    }
