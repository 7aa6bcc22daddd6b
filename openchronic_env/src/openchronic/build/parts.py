"""Writes tables of the release as Parquet files."""

from __future__ import annotations

from pathlib import Path

from openchronic.build.cells import is_cut, write_cells
from openchronic.build.context import Context
from openchronic.engines import Order
from openchronic.runtime.text import bucket_name


def write_part(
    context: Context, table: str, query: str, order: Order, buckets: range | None = None
) -> None:
    """Writes the rows of ``query`` as ``table``, or as those ``buckets`` of it, by year of care where
    a later build takes files over."""
    if buckets is not None and is_cut(context, table):
        write_cells(context, table, query, order, buckets)
    else:
        context.engine.write(query, context.place.release / table, order, buckets)


def written(context: Context, table: str, buckets: range | None) -> list[Path]:
    """Returns the files of those ``buckets`` of a written table, or of all of it."""
    if buckets is None:
        return sorted((context.place.release / table).rglob("*.parquet"))
    return sorted(
        path
        for bucket in buckets
        for path in (context.place.release / table / bucket_name(bucket)).glob("*.parquet")
    )
