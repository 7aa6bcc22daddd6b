"""Reads a file of published counts by disease, sex, age class and year, strictly.

Its columns, in any order, separated by ``;`` or ``,``: ``disease`` (number of the ALD list, 1 to 32, or 99),
``sex`` (``M``, ``F`` or ``all``), ``age_class`` (``0-9`` to ``80-89``, ``90+`` or ``all``), ``year`` (four
digits), ``patients`` (number of people whose ALD was open on 31 December).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from openchronic.errors import SettingsError
from openchronic.nomenclatures import load_nomenclature

COLUMNS = ("disease", "sex", "age_class", "year", "patients")
ALL = "all"
SEXES = ("M", "F", ALL)
AGE_CLASSES = (*(f"{age}-{age + 9}" for age in range(0, 90, 10)), "90+", ALL)
YEARS = range(1980, 2101)
# A number of people above any country's is an error, and larger than the engine's integers.
MOST_PATIENTS = 10**10


@dataclass(frozen=True)
class Cell:
    """The disease, year, sex and age class of one figure."""

    disease: int
    sex: str
    age_class: str
    year: int

    @property
    def is_margin(self) -> bool:
        """Returns whether the cell is the sum of other cells of its disease and year."""
        return ALL in (self.sex, self.age_class)


def read_published(path: Path) -> dict[Cell, int]:
    """Returns published patients by cell. Raises SettingsError with the line and what is wrong there."""
    text = _text(path)
    separator = ";" if ";" in text.split("\n", 1)[0] else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    counts: dict[Cell, int] = {}
    try:
        header = [name.strip() for name in next(lines, [])]
        _refuse_header(path, header)
        for row in lines:
            if len(row) != len(COLUMNS):
                raise _wrong(path, lines.line_num, f"{len(row)} values, {len(COLUMNS)} are needed")
            values = {name: value.strip() for name, value in zip(header, row, strict=True)}
            cell, patients = _cell(path, lines.line_num, values)
            if cell in counts:
                raise _wrong(path, lines.line_num, "this disease, sex, age class and year again")
            counts[cell] = patients
    except csv.Error as problem:
        raise _wrong(path, lines.line_num, f"not a line of CSV ({problem})") from None
    if not counts:
        raise SettingsError(f"--against {path}: a header and no line")
    return counts


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"--against {path}: no such file") from None
    except IsADirectoryError:
        raise SettingsError(f"--against {path}: this is a folder, name a CSV file") from None
    except UnicodeDecodeError:
        raise SettingsError(f"--against {path}: not UTF-8 text, save it as UTF-8") from None
    if not text.strip():
        raise SettingsError(f"--against {path}: the file is empty")
    return text


def _refuse_header(path: Path, header: list[str]) -> None:
    needed = ", ".join(COLUMNS)
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown:
        raise _wrong(path, 1, f"no such column: {', '.join(unknown)} (there are: {needed})")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise _wrong(path, 1, f"the column {', '.join(missing)} is missing (needed: {needed})")
    if len(header) != len(COLUMNS):
        raise _wrong(path, 1, f"a column is there twice (needed: {needed}, each once)")


def _cell(path: Path, line: int, values: dict[str, str]) -> tuple[Cell, int]:
    diseases = {row["number"] for row in load_nomenclature("ald")}
    for name, allowed in (("sex", SEXES), ("age_class", AGE_CLASSES)):
        if values[name] not in allowed:
            raise _wrong(path, line, f"{name} {values[name]!r} is not one of {', '.join(allowed)}")
    if values["disease"] not in diseases:
        raise _wrong(
            path, line, f"disease {values['disease']!r} is no number of the ALD list (1 to 32, 99)"
        )
    year = _whole(path, line, "year", values["year"])
    if year not in YEARS:
        raise _wrong(path, line, f"year {year}: from {YEARS[0]} to {YEARS[-1]}")
    patients = _whole(path, line, "patients", values["patients"])
    if patients > MOST_PATIENTS:
        raise _wrong(path, line, f"patients {patients}: more than there are people")
    return Cell(int(values["disease"]), values["sex"], values["age_class"], year), patients


def _whole(path: Path, line: int, name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise _wrong(path, line, f"{name} {text!r} is not a whole number (digits only)")
    return int(text)


def _wrong(path: Path, line: int, what: str) -> SettingsError:
    return SettingsError(f"--against {path}, line {line}: {what}")
