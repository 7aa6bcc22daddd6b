"""Writes tables of the release as Parquet files."""

from __future__ import annotations

from pathlib import Path

from openchronic.build.cells import MADE_ONCE, is_cut, write_cells
from openchronic.build.context import Context
from openchronic.engines import Order
from openchronic.models.model import Made, Model
from openchronic.runtime.text import bucket_name


def write_part(
    context: Context,
    table: str,
    query: str,
    order: Order,
    buckets: range | None = None,
    made: Made = "scratch",
) -> None:
    """Writes the rows of ``query`` as ``table``, or as those ``buckets`` of it, by year of care where
    a later build takes files over. ``made``: how their model is."""
    if buckets is not None and is_cut(context, table):
        write_cells(context, table, query, order, buckets, is_view=made == "view")
    elif buckets is not None and len(buckets) > 1 and not context.engine.waits:
        _write_each(context, table, query, order, buckets)
    else:
        context.engine.write(query, context.place.release / table, order, buckets)


def is_written_as_made(context: Context, model: Model, buckets: range | None) -> bool:
    """Returns whether the rows of a scratch table go straight into the one file of the release that holds them: it costs a
    tenth less than to make the table, and memory does not hold it."""
    return (
        model.made == "scratch"
        and model.writes is not None
        and not model.writes.without
        and buckets is not None
        and len(buckets) == 1
        and not context.engine.waits
        and not is_cut(context, model.writes.table)
    )


def write_and_show(
    context: Context, model: Model, query: str, buckets: range | None = None
) -> None:
    """Writes the rows of ``query`` as those ``buckets`` of the table of ``model``, whose name then stands for the files."""
    if model.writes is None:
        raise ValueError(f"{model.name} writes nothing")
    write_part(context, model.writes.table, query, model.writes.order, buckets, model.made)
    files = written(context, model.writes.table, buckets)
    context.engine.view(model.name, f"SELECT * FROM {context.engine.scan(files)}")


def _write_each(context: Context, table: str, query: str, order: Order, buckets: range) -> None:
    """Writes the rows of ``query`` as those ``buckets`` of ``table``, one by one; a row without a subject is in the first."""
    engine = context.engine
    engine.scratch(MADE_ONCE, query)
    for bucket in buckets:
        own = f"subject_id % {context.buckets} = {bucket}"
        if bucket == buckets[0]:
            own = f"({own} OR subject_id IS NULL)"
        rows = f"SELECT * FROM {MADE_ONCE} WHERE {own}"
        engine.write(rows, context.place.release / table, order, range(bucket, bucket + 1))
    engine.drop(MADE_ONCE)


def written(context: Context, table: str, buckets: range | None) -> list[Path]:
    """Returns the files of those ``buckets`` of a written table, or of all of it."""
    if buckets is None:
        return sorted((context.place.release / table).rglob("*.parquet"))
    return sorted(
        path
        for bucket in buckets
        for path in (context.place.release / table / bucket_name(bucket)).glob("*.parquet")
    )
