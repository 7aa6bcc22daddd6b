"""Reads ``diseases.csv`` strictly; ``SOURCES.md`` explains its columns."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Literal, cast

from openchronic.catalogue import load_tables

NATIONAL = "CT_IND_AAAA_GN"
NAME = re.compile(r"[a-z][a-z0-9_]*")
CODE = re.compile(r"[A-Z][A-Z0-9]{1,6}")


@dataclass(frozen=True)
class Disease:
    """A disease as both sources define it. Codes are beginnings of codes, without a dot; years are
    the number of years before the year in question that count as well."""

    name: str
    fr: str
    tops: tuple[str, ...]
    sex: Literal["", "F", "M"]
    unless: str
    ald: tuple[str, ...]
    main: tuple[str, ...]
    main_years: int
    associated: tuple[str, ...]
    associated_years: int
    complication: tuple[str, ...]
    drug: tuple[str, ...]
    drug_not: tuple[str, ...]
    drug_years: int
    large_pack: bool
    codes: str
    lacks: str


COLUMNS = tuple(field.name for field in fields(Disease))


@cache
def load_diseases() -> tuple[Disease, ...]:
    """Returns the diseases of the package, in the order in which they are listed."""
    file = resources.files("openchronic.cartography") / "diseases.csv"
    return read_diseases(file.read_text(encoding="utf-8"))


def read_diseases(text: str) -> tuple[Disease, ...]:
    """Returns the diseases of a CSV. Raises ValueError where a column or a value is not valid."""
    lines = csv.reader(io.StringIO(text), delimiter=";", strict=True)
    if next(lines, []) != list(COLUMNS):
        raise ValueError(f"diseases.csv: its columns must be {';'.join(COLUMNS)}")
    found: dict[str, Disease] = {}
    for cells in lines:
        if len(cells) != len(COLUMNS):
            raise _wrong(lines.line_num, f"{len(cells)} values, {len(COLUMNS)} are needed")
        one = _disease(lines.line_num, dict(zip(COLUMNS, cells, strict=True)))
        if one.name in found:
            raise _wrong(lines.line_num, f"{one.name} is there twice")
        found[one.name] = one
    for one in found.values():
        if one.unless and (one.unless not in found or found[one.unless].unless):
            raise ValueError(
                f"diseases.csv: {one.name} unless {one.unless!r}: no disease that stands by itself"
            )
    return tuple(found.values())


def _disease(line: int, row: dict[str, str]) -> Disease:
    if not NAME.fullmatch(row["name"]):
        raise _wrong(line, f"name {row['name']!r}: small letters, digits and _ only")
    for name in ("fr", "tops", "codes", "lacks"):
        if not row[name].strip():
            raise _wrong(line, f"{name} is empty")
    known = {column.name for column in load_tables()[NATIONAL].columns}
    unknown = [top for top in row["tops"].split() if top not in known]
    if unknown:
        raise _wrong(line, f"no column of {NATIONAL}: {', '.join(unknown)}")
    if row["sex"] not in ("", "F", "M"):
        raise _wrong(line, f"sex {row['sex']!r} is not F, M or empty")
    if row["large_pack"] not in ("0", "1"):
        raise _wrong(line, f"large_pack {row['large_pack']!r} is not 0 or 1")
    if not (row["ald"] or row["main"] or row["drug"]):
        raise _wrong(line, "no ald, no main and no drug: nobody would be found")
    return Disease(
        name=row["name"],
        fr=row["fr"],
        tops=tuple(row["tops"].split()),
        sex=cast(Literal["", "F", "M"], row["sex"]),
        unless=row["unless"],
        ald=_codes(line, row, "ald"),
        main=_codes(line, row, "main"),
        main_years=_years(line, row, "main_years"),
        associated=_codes(line, row, "associated"),
        associated_years=_years(line, row, "associated_years"),
        complication=_codes(line, row, "complication"),
        drug=_codes(line, row, "drug"),
        drug_not=_codes(line, row, "drug_not"),
        drug_years=_years(line, row, "drug_years"),
        large_pack=row["large_pack"] == "1",
        codes=row["codes"],
        lacks=row["lacks"],
    )


def _codes(line: int, row: dict[str, str], name: str) -> tuple[str, ...]:
    codes = tuple(row[name].split())
    for code in codes:
        if not CODE.fullmatch(code):
            raise _wrong(line, f"{name} {code!r}: a code begins with a letter and has no dot")
    return codes


def _years(line: int, row: dict[str, str], name: str) -> int:
    if row[name] not in tuple("0123456789"):
        raise _wrong(line, f"{name} {row[name]!r} is not a number of years from 0 to 9")
    return int(row[name])


def _wrong(line: int, what: str) -> ValueError:
    return ValueError(f"diseases.csv, line {line}: {what}")
