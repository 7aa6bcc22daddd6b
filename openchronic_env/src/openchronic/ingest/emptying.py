"""Empties values of the wrong type in columns that no rule reads: they are counted, and their lines stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from openchronic.catalogue import Table
from openchronic.ingest.casting import Cast
from openchronic.ingest.finding import Delivered
from openchronic.ingest.rejects import Reject

# The column with the names of emptied columns, beside the typed ones: NULL on nearly every line.
EMPTIED = "_emptied"
REASONS = {
    "integer": "not a whole number",
    "decimal": "not a number",
    "date": "no date that counts",
}


def emptying(casts: Iterable[Cast]) -> str:
    """Returns SQL: the columns of ``casts`` whose value has the wrong type, separated by blanks; NULL where all
    fit."""
    casts = [one for one in casts if one.faults]
    if not casts:
        return "CAST(NULL AS VARCHAR)"
    suspect = " OR ".join(one.suspect for one in casts)
    misfits = ", ".join(f"CASE WHEN {_misfit(one)} THEN '{one.column}' END" for one in casts)
    return f"CASE WHEN {suspect} THEN nullif(concat_ws(' ', {misfits}), '') END"


def without_misfit(one: Cast) -> str:
    """Returns SQL: the value to keep, NULL where it has the wrong type."""
    if not one.faults:
        return one.kept
    # Faults are costly, a pattern compiled for each value with an e: they are asked of suspect values alone.
    misfit = f"CASE WHEN {one.suspect} THEN {_misfit(one)} ELSE FALSE END"
    return f"CASE WHEN {misfit} THEN NULL ELSE {one.kept} END"


def emptied_of(
    table: Table, file: Delivered, counts: Mapping[str, int], *, unit: str
) -> Iterator[Reject]:
    """Yields how many values of each column were emptied."""
    for column, count in sorted(counts.items()):
        reason = REASONS[table.column(column).type]
        yield Reject(table.name, file.name, column, reason, count, (), unit)


def _misfit(one: Cast) -> str:
    return " OR ".join(f"coalesce({condition}, FALSE)" for condition, _ in one.faults)
