"""Reads what the R package would receive, by the same C stream."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyarrow.cffi import ffi

from openchronic.for_r import Connection, Rows


def taken(rows: Rows, wanted: int | None = None) -> pa.Table:
    stream = ffi.new("struct ArrowArrayStream*")
    address = int(ffi.cast("uintptr_t", stream))
    rows.give(hex(address), wanted)
    return pa.RecordBatchReader._import_from_c(address).read_all()


def answers(connection: Connection, statement: str, values: Any = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = taken(connection.query(statement, values)).to_pylist()
    return found
