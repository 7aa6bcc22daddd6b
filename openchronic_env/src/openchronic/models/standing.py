"""The tables of the simplified product DCIRS, under the names of the tables of DCIR that they replace."""

from __future__ import annotations

from openchronic.catalogue import Table, load_tables
from openchronic.catalogue.claims import delivered_name

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


def words_of(table: str) -> dict[str, str]:
    """For the text ``detail_of_dcirs``: what a table of details says under the names of ``table`` of DCIR."""
    there = load_tables()[delivered_name(table, simplified=True)]
    named = KEY | _named(load_tables()[table], there)
    columns = ", ".join(f"{value} AS {name}" for name, value in named.items())
    return {"columns": columns, "source": there.name.lower()}


def _named(table: Table, there: Table) -> dict[str, str]:
    """The columns of ``table`` beyond its key to claims that ``there`` has, and what it calls them."""
    names = {column.dcir or column.name: column.name for column in there.columns}
    return {
        column.name: names[column.name]
        for column in table.columns
        if column.name in names and column.name not in KEY
    }
