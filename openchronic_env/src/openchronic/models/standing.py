"""The tables of the simplified product DCIRS, under the names of the tables of DCIR that they replace."""

from __future__ import annotations

from openchronic.catalogue import Table, load_tables
from openchronic.catalogue.claims import delivered_name

# The key between claims and their details in DCIR, made from the key in DCIRS.
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
    """Returns the words of ``detail_of_dcirs``: the columns of a detail table under their names in ``table`` of
    DCIR."""
    there = load_tables()[delivered_name(table, simplified=True)]
    named = KEY | _named(load_tables()[table], there)
    columns = ", ".join(f"{value} AS {name}" for name, value in named.items())
    return {"columns": columns, "source": there.name.lower()}


def _named(table: Table, there: Table) -> dict[str, str]:
    """Returns the columns of ``table``, except its key to claims, that ``there`` has, with their names there."""
    names = {column.dcir or column.name: column.name for column in there.columns}
    return {
        column.name: names[column.name]
        for column in table.columns
        if column.name in names and column.name not in KEY
    }
