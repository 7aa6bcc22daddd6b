"""Fills a table of the generation with rows of Python, by one statement: one a row costs half a millisecond each."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]
) -> None:
    """Appends ``rows`` to ``table``, in their order."""
    if rows:
        columns = [list(values) for values in zip(*rows, strict=True)]
        unnested = ", ".join("unnest(?)" for _ in columns)
        connection.execute(f"INSERT INTO {table} SELECT {unnested}", columns)
