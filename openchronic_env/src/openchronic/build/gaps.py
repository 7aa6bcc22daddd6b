"""Finds gaps in a delivery: years or months that one table has and its companion lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from openchronic.build.ingest import TableReading
from openchronic.build.typed import months
from openchronic.catalogue import load_tables, needs
from openchronic.catalogue.claims import CLAIMS
from openchronic.errors import SourceError
from openchronic.ingest.finding import Found
from openchronic.models.delivery import delivered


def refuse_lost_tables(
    found: Found, current: Mapping[str, Any], *, accepted: Collection[str]
) -> None:
    """Raises SourceError when the release in service was made with a table that is not delivered now, unless its name in
    capitals is ``accepted``."""
    without = {need.table: need.without for need in needs()}
    # The first need of a table is the most serious one.
    without |= {need.instead: need.without for need in reversed(needs()) if need.instead}
    lost = [
        table
        for table in current.get("rows_read", {})
        if table not in found.tables and table.upper() not in accepted
    ]
    if lost:
        raise SourceError(
            "the release in service was made with "
            + " and ".join(
                f"{table} (without it {without.get(table, 'less is known')})" for table in lost
            )
            + ", and this delivery has no file of it: complete it, or accept the loss with "
            + " ".join(f"--accept-missing {table}" for table in lost)
        )


def gaps(readings: Mapping[str, TableReading]) -> list[str]:
    """Returns sentences on years or months that are missing between delivered ones."""
    notes = []
    claims = delivered(readings, CLAIMS)
    for detail in load_tables().values():
        loss = detail.need.month_without if detail.need else ""
        if not loss:
            continue
        name = delivered(readings, detail.name)
        bare = sorted(set(months(readings, [claims])) - set(months(readings, [name])))
        if name in readings and bare:
            notes.append(
                f"{name} has no line in {len(bare)} month{'s' if len(bare) > 1 else ''} "
                f"in which {claims} has some "
                f"({_few(bare)}): {loss} there"
            )
    for companion in load_tables().values():
        name, table = companion.name, companion.lines.of
        if companion.lines.every_year and table in readings and name in readings:
            first = str(companion.since or "")
            bare = sorted(_years(readings[table]) - _years(readings[name]))
            bare = [year for year in bare if year >= first]
            if bare:
                notes.append(f"{name} lacks years that {table} has ({_few(bare)})")
    return notes


def emptied(readings: Mapping[str, TableReading]) -> list[str]:
    """Returns sentences on values of the wrong type in columns that no rule reads."""
    return [
        f"{one.file}: {one.count:,} value{'s' if one.count > 1 else ''} of {one.column} {one.reason}: "
        "left empty, no rule reads the column"
        for reading in readings.values()
        for file in reading.files
        for one in file.emptied
    ]


def _years(reading: TableReading) -> set[str]:
    return {str(file.file.year) for file in reading.files if file.kept}


def _few(names: Iterable[str], most: int = 4) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
