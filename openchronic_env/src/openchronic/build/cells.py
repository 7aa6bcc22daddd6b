"""The files of a bucket of a table, one for each year of care: those of years that did not change are linked, not written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from openchronic.build.context import Context
from openchronic.engines import Order
from openchronic.runtime.text import bucket_name

# The tables that are cut, by the day in their column ``start_date``.
CUT = ("event", "cost")
# Care before the first year of the claims is of one file, so is what is dated long after.
EARLIER, YEARS_AHEAD = "earlier", 30
MADE_ONCE = "row_in_cells"


def is_cut(context: Context, table: str) -> bool:
    """Returns whether ``table`` is written by year: only where a later build takes files over."""
    return table in CUT and context.settings.takes_over


def first_year(context: Context) -> int:
    """Returns the first year of the claims, 0 without a claim."""
    first, _ = context.care_days()
    return first.year if first else 0


def cell_of(context: Context) -> str:
    """Returns SQL: the name of the file that a row belongs to."""
    first = first_year(context)
    year = f"least(year(start_date), {first + YEARS_AHEAD})"
    return f"CASE WHEN {year} >= {first} THEN CAST({year} AS STRING) ELSE '{EARLIER}' END"


def folder_of(context: Context, table: str, buckets: range) -> Path:
    """Returns the folder of a bucket of ``table`` in the release being made."""
    (bucket,) = buckets
    return context.place.release / table / bucket_name(bucket)


def write_cells(
    context: Context, table: str, query: str, order: Order, buckets: range, *, is_view: bool
) -> None:
    """Writes the rows of ``query`` as that bucket of ``table``, a file for each year and one at least.

    ``is_view``: the rows are made anew whenever they are read, so that they are made once here.
    """
    engine = context.engine
    empty(folder_of(context, table, buckets))
    if is_view:
        engine.scratch(MADE_ONCE, query)
        query = f"SELECT * FROM {MADE_ONCE}"
    cell = cell_of(context)
    cells = [name for (name,) in engine.rows(f"SELECT DISTINCT {cell} FROM ({query})")]
    for name in sorted(cells or [EARLIER]):
        rows = f"SELECT * FROM ({query}) WHERE {cell} = '{name}'"
        write_cell(context, table, name, rows, order, buckets)
    engine.drop(MADE_ONCE)


def write_cell(
    context: Context, table: str, cell: str, query: str, order: Order, buckets: range
) -> None:
    """Writes the rows of ``query`` as the file ``cell`` of that bucket of ``table``."""
    folder = folder_of(context, table, buckets)
    beside = folder / cell
    context.engine.write(query, beside, order)
    (fresh,) = beside.glob("*.parquet")
    fresh.rename(folder / f"{cell}.parquet")
    beside.rmdir()


def empty(folder: Path) -> None:
    """Removes what an unfinished build left in ``folder``: a linked file must never be written over."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def link(file: Path, place: Path) -> Path:
    """Shows ``file``, which nobody changes any more, as ``place`` too; copies it where that is on another disk."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, place)
    except OSError:
        shutil.copy2(file, place)
    return place
