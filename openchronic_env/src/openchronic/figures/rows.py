"""The numbers of a figure, as a relation of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import duckdb

Column = tuple[Literal["string", "int64", "float64"], Sequence[Any]]


def relation_of(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Column]
) -> duckdb.DuckDBPyRelation:
    """Returns a relation with these columns: the type of each, and its values."""
    # A late import: many who import the package draw nothing.
    import pyarrow as pa

    table = pa.table(
        {
            name: pa.array(values, pa.type_for_alias(kind))
            for name, (kind, values) in columns.items()
        }
    )
    return connection.from_arrow(table)
