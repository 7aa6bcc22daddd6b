"""Finds rejected lines: those that the engine could not parse as CSV, and typed ones with their reason."""

from __future__ import annotations

import duckdb

from openchronic.catalogue import Table
from openchronic.ingest.finding import Delivered
from openchronic.ingest.raw import AnyScan, places_of
from openchronic.ingest.rejects import SHOWN_LINES, Reject, commonest_shape
from openchronic.ingest.scanning import Scan

# The separator between a column, a reason, a record and the beginning of its value.
SEP = "\t"
# Of the lines that do not fit, the records and the beginnings of their values, by column and reason.
Misfits = dict[tuple[str, str], dict[int, str]]
# The lines that are no records, by kind of fault.
Malformed = list[tuple[str, list[int]]]
MALFORMED = {
    "MISSING COLUMNS": "too few columns",
    "TOO MANY COLUMNS": "too many columns",
    "UNQUOTED VALUE": "quote not closed",
    "LINE SIZE OVER MAXIMUM": "line too long",
}


def malformed_lines(connection: duckdb.DuckDBPyConnection, rejects: str) -> Malformed:
    """Returns the lines that are not CSV, by kind of fault, as the engine recorded them."""
    found = connection.execute(
        f"SELECT error_type, list(DISTINCT line ORDER BY line) FROM {rejects}_lines GROUP BY ALL"
    ).fetchall()
    connection.execute(f"DROP TABLE {rejects}_lines; DROP TABLE {rejects}_scans")
    return found


def misfit(found: Misfits, text: str) -> None:
    """Adds a rejected line, by what its ``_reject`` says."""
    column, reason, record, value = text.split(SEP, 3)
    found.setdefault((column, reason), {})[int(record)] = value


def rejects_of(
    table: Table,
    file: Delivered,
    scan: AnyScan,
    *,
    malformed: Malformed,
    misfits: Misfits,
) -> list[Reject]:
    seen: set[int] = set()
    rejects = []
    for kind, lines in sorted(malformed):
        fresh = sorted(set(lines) - seen)  # a line with two faults is one line
        seen.update(fresh)
        if fresh:
            rejects.append(
                Reject(
                    table.name,
                    file.name,
                    "",
                    MALFORMED.get(kind, kind.lower()),
                    len(fresh),
                    tuple(fresh[:SHOWN_LINES]),
                )
            )
    first = {record for records in misfits.values() for record in sorted(records)[:SHOWN_LINES]}
    places = places_of(file, scan, first, skipped=seen)
    unit = unit_of(scan)
    for (column, reason), records in sorted(misfits.items()):
        shown = tuple(places[record] for record in sorted(records)[:SHOWN_LINES])
        shape = commonest_shape(records.values(), reason)
        rejects.append(
            Reject(table.name, file.name, column, reason, len(records), shown, unit, shape)
        )
    return rejects


def unit_of(scan: AnyScan) -> str:
    return "line" if isinstance(scan, Scan) else "row"
