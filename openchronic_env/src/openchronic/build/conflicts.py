"""Tells of lines that share their key with another line that counts too, by the delivered file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openchronic.build.figures import Counted
from openchronic.build.ingest import TableReading
from openchronic.catalogue import load_tables

CONFLICTS = "key_conflict"


@dataclass(frozen=True)
class Conflict:
    """Lines of a delivered file that share their key with another line that counts too.

    ``unread``: those of them that are not read, since details are joined to one line per key.
    """

    table: str
    file: str
    lines: int
    unread: int


def conflicts(readings: Mapping[str, TableReading], counted: Counted) -> list[Conflict]:
    """Returns the conflicts found, by table and file."""
    # Of files that were read together, the first stands for all, as it does for the shares of one writer.
    names = {
        one.folder.name: one.file.name
        for reading in readings.values()
        for one in reversed(reading.files)
    }
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (table, typed, _), (lines, unread) in counted.conflicts.items():
        sums[table, typed][0] += lines
        sums[table, typed][1] += unread
    found = [
        Conflict(table, names[typed], lines, unread)
        for (table, typed), (lines, unread) in sums.items()
    ]
    # The order uses the delivered names: entries of the store change theirs with the code.
    return sorted(found, key=lambda one: (one.table, one.file))


def notes_on_conflicts(readings: Mapping[str, TableReading], counted: Counted) -> Iterator[str]:
    """Yields sentences on the conflicts, by table: those with details joined to one line per key are more serious."""
    found = conflicts(readings, counted)
    for table in dict.fromkeys(one.table for one in found):
        lines = sum(one.lines for one in found if one.table == table)
        names = [one.file for one in found if one.table == table]
        files = ", ".join(names[:2]) + (" …" if len(names) > 2 else "")
        joined = load_tables()[table].joined
        if joined is None:
            fate = "each counts"
        elif joined.how == "claims":
            fate = f"each counts, all but the first of a key are flagged {CONFLICTS}"
        else:
            fate = f"one of each key is read, the others are counted as {CONFLICTS}"
        yield f"{table}: {lines:,} lines share their key with another line ({files}): {fate}"
