"""From the text of a delivered column to a typed value: SQL expressions, and what counts as bad.

Every value is read as text first, so that no engine guesses a type; a value that does not fit
is a reject with its column and reason, never a silent NULL.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from openchronic.schema import ColumnType

# Shapes of dates met in SNDS deliveries, and the formats that read them. Sources: SCALPEL-Flattening
# configurations and schemas (dd/MM/yyyy, ddMMMyyyy:HH:mm:ss, ddMMMyyyy, ddMMyyyy, yyyy-MM-dd).
DATE_SHAPES: dict[str, tuple[str, ...]] = {
    r"\d{1,2}/\d{1,2}/\d{4}": ("%d/%m/%Y",),
    r"\d{4}-\d{2}-\d{2}": ("%Y-%m-%d",),
    r"\d{2}[A-Za-z]{3}\d{4}": ("%d%b%Y",),
    r"\d{2}[A-Za-z]{3}\d{4}:\d{2}:\d{2}:\d{2}": ("%d%b%Y:%H:%M:%S",),
    r"\d{2}[A-Za-z]{3}\d{4}:\d{2}:\d{2}:\d{2}\.\d+": ("%d%b%Y:%H:%M:%S.%f",),
    r"\d{8}": ("%d%m%Y", "%Y%m%d"),
    r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}": ("%Y-%m-%d %H:%M:%S",),
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}": ("%Y-%m-%dT%H:%M:%S",),
    r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d+": ("%Y-%m-%d %H:%M:%S.%f",),
    r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2}": ("%d/%m/%Y %H:%M:%S",),
}
_SHAPES = {re.compile(shape): formats for shape, formats in DATE_SHAPES.items()}
EARLIEST, LATEST = "DATE '1580-01-01'", "DATE '2199-12-31'"
# The SNDS writes a missing date as 1600-01-01 (Documentation-SNDS, fiche beneficiaires_ald).
MISSING_DATE = "DATE '1600-01-01'"


@dataclass(frozen=True)
class Cast:
    """A typed column in SQL: its value from ``raw``, and what is kept of it from ``typed``.

    ``suspect`` is a cheap condition that holds whenever one of ``faults`` (condition, reason)
    does: the costly ones are only looked at where it holds.
    """

    column: str
    value: str
    kept: str
    suspect: str
    faults: tuple[tuple[str, str], ...]


def cast(column: str, type_: ColumnType, *, formats: Iterable[str] = (), needed: bool) -> Cast:
    """How text in ``column`` becomes ``type_``.

    ``formats``: date formats in the order of trial. ``needed``: an absent value is a fault too.
    """
    raw, typed, text = f'raw."{column}"', f'typed."{column}"', f'typed."raw {column}"'
    value, kept = f"nullif(trim({raw}), '')", typed
    faults: list[tuple[str, str]] = []
    suspect = [f"{typed} IS NULL" if needed else f"({typed} IS NULL AND {text} IS NOT NULL)"]
    misfit = f"{typed} IS NULL AND trim({text}) <> ''"
    if type_ == "integer":
        value = f"TRY_CAST({raw} AS BIGINT)"
        # The engine rounds "2.7" to 3.
        suspect.append(f"contains({text}, '.')")
        faults = [
            (misfit, "not a whole number"),
            (f"TRY_CAST({text} AS DECIMAL(28,6)) <> {typed}", "not a whole number"),
        ]
    elif type_ == "decimal":
        point = f"CASE WHEN contains({raw}, ',') THEN replace({raw}, ',', '.') ELSE {raw} END"
        value = f"TRY_CAST({point} AS DECIMAL(18,5))"
        faults = [(misfit, "not a number")]
    elif type_ == "date":
        listed = ", ".join(f"'{one}'" for one in formats)
        value = f"CAST(TRY_STRPTIME({raw}, [{listed}]) AS DATE)"
        kept = f"nullif({typed}, {MISSING_DATE})"
        suspect.append(f"{typed} NOT BETWEEN {EARLIEST} AND {LATEST}")
        faults = [
            (misfit, "not a date"),
            (f"{typed} NOT BETWEEN {EARLIEST} AND {LATEST}", "date out of range"),
        ]
    if needed:
        faults.append((f"{typed} IS NULL", "no value"))
    return Cast(column, value, kept, " OR ".join(suspect), tuple(faults))


def date_formats(values: Iterable[str]) -> tuple[str, ...]:
    """All date formats, those that the sample shows most often first."""
    seen: Counter[str] = Counter()
    for value in values:
        for shape, formats in _SHAPES.items():
            if shape.fullmatch(value):
                seen[_likeliest(value, formats)] += 1
    every = [one for formats in DATE_SHAPES.values() for one in formats]
    return tuple(sorted(every, key=lambda one: (-seen[one], every.index(one))))


def _likeliest(value: str, formats: tuple[str, ...]) -> str:
    # Eight digits may be ddMMyyyy or yyyyMMdd: 1900 to 2099 is where a year begins with 19 or 20.
    if len(formats) > 1 and value[4:6] not in ("16", "19", "20"):
        return formats[1]
    return formats[0]
