"""Tells of lines that share their key with another line that counts too, by the delivered file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from openchronic.build.context import Context
from openchronic.catalogue import load_tables

CONFLICTS = "key_conflict"
NO_CONFLICT = (
    "SELECT CAST('' AS STRING) AS table_name, CAST('' AS STRING) AS typed, "
    "CAST(0 AS BIGINT) AS n_lines, CAST(0 AS BIGINT) AS n_unread WHERE FALSE"
)


@dataclass(frozen=True)
class Conflict:
    """Lines of a delivered file that share their key with another line that counts too.

    ``unread``: those of them that are not read, since details are joined to one line per key.
    """

    table: str
    file: str
    lines: int
    unread: int


def begin_conflicts(context: Context) -> None:
    """Makes the empty table of conflicts, which ``show_unique`` adds to."""
    context.engine.add(CONFLICTS, "none", NO_CONFLICT)


def conflicts(context: Context) -> list[Conflict]:
    """Returns the conflicts found, by table and file."""
    # Of files that were read together, the first stands for all, as it does for the shares of one writer.
    names = {
        one.folder.name: one.file.name
        for reading in context.readings.values()
        for one in reversed(reading.files)
    }
    rows = context.engine.rows(
        f"SELECT table_name, typed, sum(n_lines), sum(n_unread) FROM {CONFLICTS} "
        "GROUP BY table_name, typed"
    )
    found = [
        Conflict(str(table), names[str(typed)], int(lines), int(unread))
        for table, typed, lines, unread in rows
    ]
    # The order uses the delivered names: entries of the store change theirs with the code.
    return sorted(found, key=lambda one: (one.table, one.file))


def notes_on_conflicts(context: Context) -> Iterator[str]:
    """Yields sentences on the conflicts, by table: those with details joined to one line per key are more serious."""
    found = conflicts(context)
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
