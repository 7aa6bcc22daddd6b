"""Builds many cases in one delivery, for the cost of one: each has its own numbers and month of birth.

A case is written as a delivery of its own would be. The rows of a case are found by the month of birth of its
persons: May 1950 in a case becomes a month that no other case has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from tests.openchronic.front_door import WORDS, built, files_of, opened
from tests.openchronic.small_delivery import Files, Row, plain, write

FACILITY = "350000022"
MONTH = {"BEN_NAI_ANN": "1950", "BEN_NAI_MOI": "5"}


@dataclass(frozen=True)
class Together:
    """A release of many cases, queried one at a time."""

    release: Path
    places: Mapping[str, int]

    def rows(self, case: str, query: str) -> list[tuple[Any, ...]]:
        """Queries one case: every table is a view of the rows of its persons."""
        with opened(self.release, ("patient",)) as connection:
            numbers = connection.execute(
                "SELECT subject_id FROM patient WHERE birth_date = ?", [born(self.places[case])]
            ).fetchall()
            assert numbers, f"nobody of {case} is there: what it lacks says nothing"
            listed = ", ".join(str(number) for (number,) in numbers)
            for table in sorted(self.release.iterdir()):
                if not table.is_dir() or table.name not in WORDS.findall(query):
                    continue
                columns = connection.execute(f"DESCRIBE FROM {files_of(table)}").fetchall()
                theirs = (
                    f"WHERE subject_id IN ({listed})"
                    if any(name == "subject_id" for name, *_ in columns)
                    else ""
                )
                connection.execute(
                    f"CREATE OR REPLACE TEMP VIEW {table.name} AS FROM {files_of(table)} {theirs}"
                )
            return connection.execute(query).fetchall()

    def of(self, case: str) -> Callable[[str], list[tuple[Any, ...]]]:
        """Returns the function that queries that case."""
        return partial(self.rows, case)

    def facility(self, case: str) -> str:
        """Returns the facility of every plain stay in that case."""
        return facility_of(self.places[case])


def built_together(
    folder: Path,
    cases: Mapping[str, Files],
    *options: object,
    copies: Mapping[str, int] | None = None,
) -> Together:
    """Builds a release of these cases, each with the plain delivery where it has no files of its own.

    ``copies``: how many copies of a case there are, so that a sum shows which cases are in it; only the first
    copy is queried.
    """
    files: dict[str, list[Row]] = {}
    places: dict[str, int] = {}
    place = 0
    for name, case in cases.items():
        places[name] = place
        for _ in range((copies or {}).get(name, 1)):
            for file, lines in apart({**plain(), **case}, place).items():
                # Rows that are the same for all cases, such as the list of drugs, are written once.
                there = files.setdefault(file, [])
                there += [line for line in lines if file != "IR_PHA_R.CSV" or line not in there]
            place += 1
    assert place < 100, "from a hundred patients on, checks ask what a small delivery cannot answer"
    return Together(built(write(folder / "delivery", files), folder / "releases", *options), places)


def weights(cases: Sequence[str]) -> dict[str, int]:
    """Returns numbers of copies such that the sum over any cases shows which they are."""
    return {name: 2**place for place, name in enumerate(cases)}


def apart(files: Files, place: int) -> dict[str, list[Row]]:
    """Returns the same rows under numbers of persons, claims, facilities and stays of their own."""
    return {
        name: [
            {column: _own(column, value, place) for column, value in _reborn(line, place).items()}
            for line in lines
        ]
        for name, lines in files.items()
    }


def born(place: int) -> date:
    return date(1950 + place // 12, place % 12 + 1, 1)


def facility_of(place: int) -> str:
    return f"35{place:04}022"


def pseudonym_of(psa: str, place: int) -> str:
    """Returns a pseudonym of 17 characters; one that stands for nobody is unchanged."""
    return psa if len(psa) != 17 or psa.strip("xX") in ("", "D", "S") else f"{psa[:13]}{place:04}"


def _reborn(line: Row, place: int) -> Row:
    if {name: line.get(name) for name in MONTH} != MONTH:
        return line
    month = born(place)
    return {**line, "BEN_NAI_ANN": str(month.year), "BEN_NAI_MOI": str(month.month)}


def _own(column: str, value: str, place: int) -> str:
    if not value:
        return value
    if column in ("BEN_NIR_PSA", "NIR_ANO_17"):
        return pseudonym_of(value, place)
    if column in ("BEN_IDT_ANO", "BEN_NIR_ANO"):
        # The value is a number with a rank, or any other text.
        long = len(value) == 18
        return pseudonym_of(value[:17], place) + value[17:] if long else f"{value}.{place}"
    if column == "DCT_ORD_NUM":
        return str(int(value) + 1000 * place)
    if column in ("ETA_NUM", "ETA_NUM_EPMSI"):
        return facility_of(place) if value == FACILITY else value
    if column == "RSA_NUM":
        return f"{place:04}{value[-6:]}"
    return value
