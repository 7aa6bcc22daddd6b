"""Holes in a delivery: years or months that one table has and its companion has not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from openchronic.building.ingest import TableReading
from openchronic.building.simplified import delivered
from openchronic.building.typed import months
from openchronic.delivery.finding import Found, needs
from openchronic.errors import SourceError

# Files without which the other's lines of the same year lead nowhere, or say less.
COMPANIONS = (
    ("T_MCOaaB", "T_MCOaaC"),
    ("T_MCOaaB", "T_MCOaaD"),
    ("T_SSRaaB", "T_SSRaaC"),
    ("T_HADaaB", "T_HADaaC"),
    ("T_HADaaB", "T_HADaaGRP"),
    ("T_RIPaaRSA", "T_RIPaaC"),
)


def refuse_lost_tables(
    found: Found, current: Mapping[str, Any], *, accepted: Collection[str]
) -> None:
    """Raise SourceError when the release in service was made with a table that is not here."""
    without = {need.table: need.without for need in needs()}
    # The first need of a table is the graver one.
    without |= {need.instead: need.without for need in reversed(needs()) if need.instead}
    lost = [
        table
        for table in current.get("rows_read", {})
        if table not in found.tables and table not in accepted
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
    """Sentences on what is missing in the middle of what is there."""
    notes = []
    claims, drugs = (delivered(readings, table) for table in ("ER_PRS_F", "ER_PHA_F"))
    if drugs in readings:
        bare = sorted(set(months(readings, [claims])) - set(months(readings, [drugs])))
        if bare:
            notes.append(
                f"{drugs} has no line in {len(bare)} months in which {claims} has some "
                f"({_few(bare)}): no drug events there"
            )
    if "ER_ETE_F" in readings:
        bare = sorted(set(months(readings, ["ER_PRS_F"])) - set(months(readings, ["ER_ETE_F"])))
        if bare:
            notes.append(
                f"ER_ETE_F has no line in {len(bare)} months in which ER_PRS_F has some "
                f"({_few(bare)}): lines of public hospitals (T2A) cannot be told apart there"
            )
    for table, companion in COMPANIONS:
        if table in readings and companion in readings:
            bare = sorted(_years(readings[table]) - _years(readings[companion]))
            if bare:
                notes.append(f"{companion} lacks years that {table} has ({_few(bare)})")
    return notes


def _years(reading: TableReading) -> set[str]:
    return {str(file.file.year) for file in reading.files if file.kept}


def _few(names: Iterable[str], most: int = 4) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
