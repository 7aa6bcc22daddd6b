"""Casts the text of a delivered column to a typed value: SQL expressions, and the conditions of a reject.

Every value is read as text first, so that no engine guesses a type; a value that does not fit is a reject with
its column and reason, never a silent NULL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openchronic.catalogue import ColumnType
from openchronic.ingest.dates import (
    EARLIEST,
    LATEST,
    NOT_A_DATE,
    OUT_OF_RANGE,
    day,
    is_out_of_range,
    kept_day,
)
from openchronic.ingest.odd_numbers import EXPONENT, EXPONENT_IN_TEXT, SCIENTIFIC

TRUTH = "true or false in place of a code"
# A code with this word at its beginning or end has one digit; official schemas call some of them
# boolean.
OF_ONE_DIGIT = re.compile(r"(^|_)(RET|TOP)(_|$)")
# The thousands separators: a space, a no-break or thin space, an apostrophe.
SPACES = (
    " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{RIGHT SINGLE QUOTATION MARK}''"
)
# A lone comma is a decimal comma: 1,234 is not 1234.
WHOLE = {
    "spaces": rf"[+-]?\d{{1,3}}([{SPACES}]\d{{3}})+",
    "points": r"[+-]?\d{1,3}(\.\d{3}){2,}",
    "commas": r"[+-]?\d{1,3}(,\d{3}){2,}",
}
WITH_CENTS = {
    "spaces": rf"{WHOLE['spaces']}([.,]\d+)?",
    "points": rf"[+-]?\d{{1,3}}(\.\d{{3}})+,\d+|{WHOLE['points']}",
    "commas": rf"[+-]?\d{{1,3}}(,\d{{3}})+\.\d+|{WHOLE['commas']}",
}


@dataclass(frozen=True)
class Cast:
    """A typed column in SQL: its value from ``raw``, and the value kept from ``typed``.

    ``suspect`` is a cheap condition that holds whenever one of ``faults`` (condition, reason) does: the costly
    ones are evaluated only where it holds.
    """

    column: str
    value: str
    kept: str
    suspect: str
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Odd:
    """Whether a file may hold numbers in scientific notation or with thousands separators, and a column years
    of two digits.

    Where it may not, no pattern is searched: the engine compiles each pattern again for each column of each
    file.
    """

    exponents: bool = True
    groups: bool = True
    years: bool = True


ANY = Odd()


def cast(
    column: str,
    type_: ColumnType,
    *,
    formats: Iterable[str] = (),
    needed: bool,
    odd: Odd = ANY,
) -> Cast:
    """Returns how text in ``column`` becomes ``type_``.

    ``formats``: date formats in the order of trial. ``needed``: a missing value is a fault too.
    """
    raw, typed, text = f'raw."{column}"', f'typed."{column}"', f'typed."raw {column}"'
    value, kept = f"nullif(trim({raw}), '')", typed
    suspect = [f"{typed} IS NULL" if needed else f"({typed} IS NULL AND {text} IS NOT NULL)"]
    faults: list[tuple[str, str]] = []
    misfit = f"{typed} IS NULL AND trim({text}) <> ''"
    if type_ == "string":
        if odd.exponents:
            suspect.append(f"({_may_be_scientific(text)})")
            faults.append((_is_scientific(text, EXPONENT_IN_TEXT), SCIENTIFIC))
        if OF_ONE_DIGIT.search(column):
            suspect.append(f"strlen({text}) > 3")
            faults.append((_is_truth(text), TRUTH))
    elif type_ == "integer":
        value = _number(raw, "BIGINT", raw, WHOLE if odd.groups else None)
        # The engine rounds "2.7" to 3, and takes 3.4E12 for a whole number.
        suspect.append(f"contains({text}, '.')")
        if odd.exponents:
            suspect.append(f"({_may_be_scientific(text)})")
            faults.append((_is_scientific(text, EXPONENT), SCIENTIFIC))
        faults += [
            (f"{typed} IS NULL AND {_is_truth(text)}", TRUTH),
            (misfit, "not a whole number"),
            (f"TRY_CAST({text} AS DECIMAL(28,6)) <> {typed}", "not a whole number"),
        ]
    elif type_ == "decimal":
        point = f"CASE WHEN contains({raw}, ',') THEN replace({raw}, ',', '.') ELSE {raw} END"
        value = _number(raw, "DECIMAL(18,5)", point, WITH_CENTS if odd.groups else None)
        faults = [(misfit, "not a number")]
    elif type_ == "date":
        value = day(raw, formats)
        kept = kept_day(typed, text, short=odd.years, end=column.endswith("DTF"))
        suspect.append(f"{typed} NOT BETWEEN {EARLIEST} AND {LATEST}")
        faults = [
            (misfit, NOT_A_DATE),
            (is_out_of_range(typed, text, short=odd.years), OUT_OF_RANGE),
        ]
    if needed:
        faults.append((f"{typed} IS NULL", "no value"))
    return Cast(column, value, kept, " OR ".join(suspect), tuple(faults))


def has_groups(text: str) -> bool:
    """Returns whether ``text`` is a number with thousands separators."""
    return any(re.fullmatch(one.replace("''", "'"), text.strip()) for one in WITH_CENTS.values())


def _number(raw: str, type_: str, plain: str, grouped: Mapping[str, str] | None) -> str:
    """Returns SQL: ``plain`` as a number; where it is none, ``raw`` without thousands separators."""
    if grouped is None:
        return f"TRY_CAST({plain} AS {type_})"
    # No part is repeated: the engine evaluates a repeated part twice for every row.
    ungrouped = (
        f"CASE WHEN regexp_full_match({raw}, ' *({grouped['spaces']}) *') "
        f"THEN replace(regexp_replace({raw}, '[{SPACES}]', '', 'g'), ',', '.') "
        f"WHEN regexp_full_match({raw}, ' *({grouped['points']}) *') "
        f"THEN regexp_replace(replace({raw}, '.', ''), ',', '.') "
        f"WHEN regexp_full_match({raw}, ' *({grouped['commas']}) *') "
        f"THEN regexp_replace({raw}, ',', '', 'g') END"
    )
    return f"coalesce(TRY_CAST({plain} AS {type_}), TRY_CAST({ungrouped} AS {type_}))"


def _is_truth(text: str) -> str:
    return f"coalesce(lower(trim({text})) IN ('true', 'false', 'vrai', 'faux'), FALSE)"


def _may_be_scientific(text: str) -> str:
    # Figures, signs and blanks are before the colon.
    return (
        f"{text} < ':' AND (contains({text}, 'e') OR contains({text}, 'E')) "
        f"AND TRY_CAST(replace({text}, ',', '.') AS DOUBLE) IS NOT NULL"
    )


def _is_scientific(text: str, pattern: str) -> str:
    # A constant pattern is compiled for each column of each file, also where no value needs it: that took
    # most of the time of a small file. This one is compiled for each value that has the letter.
    return (
        f"CASE WHEN contains(lower({text}), 'e') "
        f"THEN regexp_full_match({text}, ' *({pattern}) *' || left({text}, 0)) ELSE FALSE END"
    )
