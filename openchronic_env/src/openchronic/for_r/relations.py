"""Tables between R and the functions of a session: data frames that R gives, relations whose rows it asks for."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from openchronic.for_r.connection import Rows
from openchronic.runtime.decimals import EXACT, within

HEAD_ROWS = 6


def rows_of(relation: duckdb.DuckDBPyRelation) -> Rows:
    """Returns the rows of a relation, to be given by pieces; 64-bit integers as numbers, refused where R would round them."""
    return Rows(relation, whole="numeric")


def head_of(relation: duckdb.DuckDBPyRelation, rows: int = HEAD_ROWS) -> Rows:
    """Returns its first rows."""
    return rows_of(relation.limit(rows))


def table_at(address: str) -> pa.Table:
    """Returns the rows of R's stream at that address. R has no whole numbers of 64 bits: a column of doubles that are all whole
    is one of identifiers."""
    table = pa.RecordBatchReader._import_from_c(int(address, 16)).read_all()
    columns = {name: _whole(table[name]) for name in table.column_names}
    return pa.table(columns)


def _whole(column: Any) -> Any:
    if not pa.types.is_float64(column.type):
        return column
    is_whole = pc.all(pc.equal(column, pc.floor(column))).as_py() is not False
    fits = within(column, EXACT)
    return column.cast(pa.int64()) if is_whole and fits else column
