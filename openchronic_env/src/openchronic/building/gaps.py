"""Holes in a delivery: years or months that one table has and its companion has not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from openchronic.building.ingest import TableReading
from openchronic.building.typed import months
from openchronic.delivery.finding import Found, needs
from openchronic.errors import SourceError
from openchronic.models.delivery import delivered
from openchronic.schema import load_tables

# What a month of claims has not where its lines of a detail table are missing.
MONTHLY = {
    "ER_PHA_F": "no drug events",
    "ER_CAM_F": "no acts",
    "ER_BIO_F": "no laboratory tests",
    "ER_TIP_F": "no devices",
    "ER_UCD_F": "no hospital drugs",
    "ER_TRS_F": "transports that do not say where they went",
    "ER_ETE_F": "lines of public hospitals (T2A) cannot be told apart",
}
# Files without which the other's lines of the same year lead nowhere, or say less.
COMPANIONS = {
    "T_MCOaaB": ("T_MCOaaC", "T_MCOaaD", "T_MCOaaA", "T_MCOaaUM", "T_MCOaaVALO"),
    "T_MCOaaCSTC": ("T_MCOaaFASTC", "T_MCOaaFCSTC", "T_MCOaaFMSTC", "T_MCOaaFLSTC"),
    "T_SSRaaB": ("T_SSRaaC", "T_SSRaaD", "T_SSRaaCCAM", "T_SSRaaCSARR"),
    "T_HADaaB": ("T_HADaaC", "T_HADaaGRP", "T_HADaaD", "T_HADaaA"),
    "T_RIPaaRSA": ("T_RIPaaC", "T_RIPaaR3A"),
}


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
    claims = delivered(readings, "ER_PRS_F")
    for detail, loss in MONTHLY.items():
        name = delivered(readings, detail)
        bare = sorted(set(months(readings, [claims])) - set(months(readings, [name])))
        if name in readings and bare:
            notes.append(
                f"{name} has no line in {len(bare)} month{'s' if len(bare) > 1 else ''} "
                f"in which {claims} has some "
                f"({_few(bare)}): {loss} there"
            )
    for table, companions in COMPANIONS.items():
        for companion in (one for one in companions if table in readings and one in readings):
            first = str(load_tables()[companion].since or "")
            bare = sorted(_years(readings[table]) - _years(readings[companion]))
            bare = [year for year in bare if year >= first]
            if bare:
                notes.append(f"{companion} lacks years that {table} has ({_few(bare)})")
    return notes


def emptied(readings: Mapping[str, TableReading]) -> list[str]:
    """Sentences on values that fit no type in columns that no rule reads."""
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
