"""Rejected values, one by one: shown only to readers of the store."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from openchronic.ingest.misfits import SEP
from openchronic.ingest.raw import FILE
from openchronic.store.entry import Entry


@dataclass(frozen=True)
class Refused:
    """A line of a file: ``value`` is the beginning of the rejected cell; None where the line was no record."""

    file: str
    column: str
    reason: str
    line: int
    value: str | None


def refused(entry: Entry) -> Iterator[Refused]:
    """Yields the first lines of each column and reason for which ``entry`` has rejects."""
    values = _values(entry)
    for one in entry.rejects:
        held = iter(values.get((one.column, one.reason), ()))
        for line in one.lines:
            yield Refused(one.file, one.column, one.reason, line, next(held, None))


def _values(entry: Entry) -> dict[tuple[str, str], list[str]]:
    """Returns the content of the rejected cells, by column and reason, in the order of their records."""
    files = [glob.escape(str(entry.folder / name)) for name in sorted(entry.files)]
    if not files or not any(one.column for one in entry.rejects):
        return {}
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT _reject FROM read_parquet(?, hive_partitioning = false) "
            f"WHERE _reject IS NOT NULL{f' AND {FILE} = {entry.place}' if entry.keys else ''}",
            [files],
        ).fetchall()
    cells = [text.split(SEP, 3) for (text,) in found]
    values: dict[tuple[str, str], list[str]] = {}
    for column, reason, _, value in sorted(cells, key=lambda cell: int(cell[2])):
        values.setdefault((column, reason), []).append(value)
    return values
