"""Tables of R reach the functions of a session with their identifiers, and relations come back as rows."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from pyarrow.cffi import ffi

from openchronic.for_r import head_of, rows_of, table_at
from tests.openchronic.for_r.stream import taken


def lent(table: pa.Table) -> pa.Table:
    """Gives a table as R does: by the address of a stream."""
    stream = ffi.new("struct ArrowArrayStream*")
    address = int(ffi.cast("uintptr_t", stream))
    table.to_reader()._export_to_c(address)
    return table_at(hex(address))


def test_identifiers_are_whole_numbers_and_measures_stay() -> None:
    given = pa.table(
        {"subject_id": [1.0, 2.0**53, None], "share": [0.5, 1.0, 2.0], "name": ["a", None, "é"]}
    )
    found = lent(given)
    assert found.schema.types == [pa.int64(), pa.float64(), pa.string()]
    assert found["subject_id"].to_pylist() == [1, 2**53, None]
    assert found["share"].to_pylist() == [0.5, 1.0, 2.0]
    huge = lent(pa.table({"x": [1e300, float("inf"), float("nan")]}))
    assert huge.schema.types == [pa.float64()]


def test_a_table_without_rows_keeps_its_columns() -> None:
    found = lent(pa.table({"a": pa.array([], pa.float64())}))
    assert (found.column_names, found.num_rows) == (["a"], 0)


def test_the_rows_of_a_relation_come_whole_or_the_first_ones() -> None:
    connection = duckdb.connect()
    relation = connection.sql("SELECT range AS i FROM range(300000)")
    assert taken(rows_of(relation))["i"].to_pylist() == list(range(300_000))
    assert taken(head_of(relation)).num_rows == 6
    # The connection is free for another question meanwhile.
    rows = rows_of(relation)
    assert taken(rows, 2).num_rows == 2
