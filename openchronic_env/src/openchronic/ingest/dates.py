"""Reads dates in the formats of suppliers, as SQL; recognises missing and impossible ones.

Sources of the formats: SCALPEL-Flattening configurations and schemas (dd/MM/yyyy, ddMMMyyyy:HH:mm:ss,
ddMMMyyyy, ddMMyyyy, yyyy-MM-dd), and the output of Spark, R and spreadsheets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

NOT_A_DATE, OUT_OF_RANGE = "not a date", "date out of range"
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
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+": ("%Y-%m-%dT%H:%M:%S.%f",),
    r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2}": ("%d/%m/%Y %H:%M:%S",),
    r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2}\.\d+": ("%d/%m/%Y %H:%M:%S.%f",),
    r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}": ("%d/%m/%Y %H:%M",),
    r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}": ("%Y-%m-%d %H:%M",),
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}": ("%Y-%m-%dT%H:%M",),
    r"\d{2}[A-Za-z]{3}\d{4}:\d{2}:\d{2}": ("%d%b%Y:%H:%M",),
    r"\d{2}[A-Za-z]{3}\d{4} \d{2}:\d{2}:\d{2}": ("%d%b%Y %H:%M:%S",),
    r"\d{2}-\d{2}-\d{4}": ("%d-%m-%Y",),
    r"\d{2}-\d{2}-\d{4} \d{2}:\d{2}:\d{2}": ("%d-%m-%Y %H:%M:%S",),
    r"\d{2}-[A-Za-z]{3}-\d{4}": ("%d-%b-%Y",),
    r"\d{2}\.\d{2}\.\d{4}": ("%d.%m.%Y",),
    r"\d{4}/\d{2}/\d{2}": ("%Y/%m/%d",),
    r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}": ("%Y/%m/%d %H:%M:%S",),
}
_SHAPES = {re.compile(shape): formats for shape, formats in DATE_SHAPES.items()}
EARLIEST, LATEST = "DATE '1580-01-01'", "DATE '2199-12-31'"
# The SNDS writes a missing date as 1600-01-01 (Documentation-SNDS, fiche beneficiaires_ald);
# software writes its own first or last year. 2099 is an open end, and is a date.
MISSING_YEARS = (1, 1600, 9999)
# A text with a time zone is an instant: its day is the one in Paris.
ZONED = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|[+-]\d{2}(:?\d{2})?)"
ZONE = "Europe/Paris"
CLOCK = r"([ T:]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"
SHORT = rf"(\d{{2}}/\d{{2}}/\d{{2}}|\d{{2}}-\d{{2}}-\d{{2}}|\d{{2}}\.\d{{2}}\.\d{{2}}|\d{{2}}-?[A-Za-z]{{3}}-?\d{{2}}){CLOCK}"
SHORT_WITH_DASHES = re.compile(rf"\d{{2}}-\d{{2}}-\d{{2}}{CLOCK}")
ALWAYS_FIRST = 1 << 40
# Years of two digits from here on belong to the 20th century.
CENTURY_FROM = 50


def day(raw: str, formats: Iterable[str]) -> str:
    """Returns SQL: the date that the text ``raw`` writes, NULL if it writes none. ``formats`` in the order of
    trial.

    A year of two digits falls in the first century: ``kept_day`` corrects it.
    """
    listed = ", ".join(f"'{one}'" for one in formats)
    instant = f"timezone('{ZONE}', TRY_CAST({raw} AS TIMESTAMPTZ))"
    return (
        f"coalesce(CAST(TRY_STRPTIME({raw}, [{listed}]) AS DATE), "
        f"CASE WHEN strlen({raw}) > {len('2020-01-05 00:00')} THEN CAST({instant} AS DATE) END)"
    )


def kept_day(typed: str, text: str, *, short: bool, end: bool) -> str:
    """Returns SQL: the value kept of the date ``typed``, read from ``text``: in its century, NULL where it is
    missing.

    ``short``: whether years of two digits are read as such. ``end``: for a column of end dates, where 31/12/99
    is the open end 31/12/2099.
    """
    of_2000 = f"year({typed}) < {CENTURY_FROM}"
    if end:
        of_2000 += f" OR {typed} = DATE '0099-12-31'"
    in_its_century = (
        f"WHEN {_is_short(typed, text)} "
        f"THEN CAST({typed} + to_years(CASE WHEN {of_2000} THEN 2000 ELSE 1900 END) AS DATE) "
    )
    return (
        f"CASE WHEN {typed} BETWEEN DATE '1601-01-01' AND DATE '9998-12-31' THEN {typed} "
        f"{in_its_century if short else ''}"
        f"WHEN {_is_missing(typed, text)} THEN NULL ELSE {typed} END"
    )


def is_out_of_range(typed: str, text: str, *, short: bool) -> str:
    """Returns SQL: whether the date ``typed``, read from ``text``, is impossible and does not stand for a
    missing one."""
    return (
        f"{typed} NOT BETWEEN {EARLIEST} AND {LATEST} AND NOT {_is_missing(typed, text)}"
        f"{f' AND NOT {_is_short(typed, text)}' if short else ''}"
    )


def are_short(values: Iterable[str]) -> bool:
    """Returns whether some of ``values`` have a year of two digits."""
    return any(re.fullmatch(SHORT, value.strip()) for value in set(values))


def _is_missing(typed: str, text: str) -> str:
    # 01/01/01 is in 2001.
    return (
        f"(year({typed}) IN ({', '.join(map(str, MISSING_YEARS[1:]))}) "
        f"OR (year({typed}) = {MISSING_YEARS[0]} AND contains({text}, '{MISSING_YEARS[0]:04}')))"
    )


def _is_short(typed: str, text: str) -> str:
    """Returns SQL: whether the year has two digits in ``text``, which begins with the day and is not only digits."""
    # Without a pattern, which the engine would compile again for each column of each file.
    return (
        f"({typed} < DATE '0100-01-01' AND TRY_CAST({text} AS BIGINT) IS NULL "
        f"AND TRY_CAST(left(ltrim({text}), 2) AS INTEGER) = day({typed}) "
        f"AND NOT contains({text}, lpad(CAST(year({typed}) AS VARCHAR), 4, '0')))"
    )


def date_formats(values: Iterable[str]) -> tuple[str, ...]:
    """Returns all date formats, those most frequent in the sample first."""
    seen: Counter[str] = Counter()
    for value, times in Counter(values).items():
        for shape, formats in _SHAPES.items():
            if shape.fullmatch(value):
                seen[_likeliest(value, formats)] += times
                break
        if SHORT_WITH_DASHES.fullmatch(value):
            # Otherwise the engine reads the day as the year.
            seen.update(dict.fromkeys(("%d-%m-%Y", "%d-%m-%Y %H:%M:%S"), ALWAYS_FIRST))
    every = [one for formats in DATE_SHAPES.values() for one in formats]
    return tuple(sorted(every, key=lambda one: (-seen[one], every.index(one))))


def oddities(column: str, values: Iterable[str]) -> set[str]:
    """Returns sentences on unusual formats in ``values`` of a column of dates."""
    found = set()
    for value in {one.strip() for one in set(values)}:
        if _is_plain(value):
            continue
        if re.fullmatch(ZONED, value):
            found.add(f"{column}: dates with a time zone; the day is the one in Paris")
        elif re.fullmatch(SHORT, value):
            found.add(
                f"{column}: years of two digits; 00 to {CENTURY_FROM - 1} are read as 2000 to "
                f"{2000 + CENTURY_FROM - 1}, {CENTURY_FROM} to 99 as {1900 + CENTURY_FROM} to 1999"
                + (", 31/12/99 as the open end of 2099" if column.endswith("DTF") else "")
            )
        for year in (9999, 1):
            if re.search(
                rf"(?<!\d){year:04}(?!\d)|^{year:04}\d{{4}}$|(?<!\d)\d{{4}}{year:04}$|[A-Za-z]{year:04}",
                value,
            ):
                found.add(f"{column}: dates of the year {year:04} are read as missing")
    return found


def _is_plain(value: str) -> bool:
    """Returns whether ``value`` is a day without oddities, in one of the two formats of nearly all: no pattern is tried on it."""
    if len(value) != len("2020-01-05"):
        return False
    if value[2] == value[5] == "/":
        numbers = value[6:], value[:2], value[3:5]
    elif value[4] == value[7] == "-":
        numbers = value[:4], value[5:7], value[8:]
    else:
        return False
    return "".join(numbers).isdecimal() and numbers[0] not in ("0001", "9999")


def _likeliest(value: str, formats: tuple[str, ...]) -> str:
    # Eight digits may be ddMMyyyy or yyyyMMdd: a year from 1900 to 2099 begins with 19 or 20.
    if len(formats) > 1 and value[4:6] not in ("16", "19", "20"):
        return formats[1]
    return formats[0]
