"""Every way of writing dates, and every dialect of CSV, gives the same release through a build."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest

from tests.openchronic.front_door import built, everything, rows
from tests.openchronic.small_delivery import ALICE, Row, claim, drug, person, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
DAYS = ("FLX_DIS_DTD", "FLX_TRT_DTD", "EXE_SOI_DTD", "PRE_PRE_DTD")


def dated(template: str) -> list[Row]:
    """Two claims of 25 and 26 March 2021, their dates written by ``template``."""

    def write_day(day: str) -> str:
        d, m, y = day.split("/")
        return template.format(d=d, m=m, y=y, mon={"03": "MAR", "04": "APR"}[m])

    claims = [
        claim(number, ALICE, f"{24 + number}/03/2021", PRE_PRE_DTD="20/03/2021")
        for number in (1, 2)
    ]
    return [one | {name: write_day(one[name]) for name in DAYS} for one in claims]


@pytest.mark.parametrize(
    "template",
    [
        "{y}-{m}-{d}",
        "{y}-{m}-{d} 00:00:00",
        "{y}-{m}-{d}T00:00:00",
        "{d}{mon}{y}:00:00:00",
        "{d}{mon}{y}:00:00:00.000",
        "{d}{mon}{y}",
        "{d}{m}{y}",
        "{y}{m}{d}",
        "{d}/{m}/{y} 00:00:00",
    ],
)
def test_a_date_is_the_same_day_however_it_is_written(tmp_path: Path, template: str) -> None:
    source = write(tmp_path / "delivery", plain() | {CLAIMS: dated(template)})
    release = built(source, tmp_path / "out")
    found = rows(release, "SELECT CAST(start_date AS VARCHAR) FROM cost ORDER BY 1")
    assert found == [("2021-03-25",), ("2021-03-26",)]
    assert rows(release, "FROM reject") == []


def test_a_month_of_death_is_read_where_the_day_is_unknown(tmp_path: Path) -> None:
    dead = person(ALICE, BEN_DCD_DTE="01/01/1600", BEN_DCD_AME="202112")
    release = built(write(tmp_path / "delivery", plain() | {"IR_BEN_R.CSV": [dead]}), tmp_path)
    assert rows(release, "FROM reject") == []
    said = rows(release, "SELECT CAST(death_date AS VARCHAR), death_precision FROM patient")
    assert said == [("2021-12-31", "month")]


DIALECTS: dict[str, tuple[str, str, str, Literal[0, 1, 3]]] = {
    "utf-8": (";", "utf-8", "\n", csv.QUOTE_NONE),
    "utf-8 with a mark": (";", "utf-8-sig", "\n", csv.QUOTE_NONE),
    "latin-1, comma, quotes": (",", "latin-1", "\n", csv.QUOTE_ALL),
    "windows": (";", "cp1252", "\r\n", csv.QUOTE_NONE),
    "tab": ("\t", "utf-8", "\r\n", csv.QUOTE_NONE),
    "bar": ("|", "utf-8", "\n", csv.QUOTE_MINIMAL),
}


def rewrite(paths: Iterable[Path], dialect: str) -> None:
    separator, encoding, end, quoting = DIALECTS[dialect]
    for path in paths:
        table = [line.split(";") for line in path.read_text().splitlines()]
        table[0] = [name.lower() for name in table[0]]
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=separator, lineterminator=end, quoting=quoting).writerows(
                table
            )


@pytest.fixture
def accents() -> dict[str, list[Row]]:
    return plain() | {"IR_PHA_R.CSV": [drug("3400930000001", "A10BA02", "GÉLULE À 2 ŒUFS")]}


def test_each_file_may_be_of_a_dialect_of_its_own(
    tmp_path: Path, accents: dict[str, list[Row]]
) -> None:
    simple = {
        name: [{column: value.replace("Œ", "OE") for column, value in row.items()} for row in lines]
        for name, lines in accents.items()
    }
    expected = everything(built(write(tmp_path / "plain", simple), tmp_path / "plain out"))
    for shift in range(len(DIALECTS)):
        source = write(tmp_path / f"mixed {shift}" / "deep" / "er", simple)
        for place, path in enumerate(sorted(source.rglob("*.CSV"))):
            rewrite([path], list(DIALECTS)[(place + shift) % len(DIALECTS)])
            path.rename(path.with_name(path.name.lower()))
        other = built(tmp_path / f"mixed {shift}", tmp_path / f"out {shift}")
        assert everything(other) == expected


def test_a_ligature_of_windows_is_read(tmp_path: Path, accents: dict[str, list[Row]]) -> None:
    expected = everything(built(write(tmp_path / "plain", accents), tmp_path / "plain out"))
    source = write(tmp_path / "windows", accents)
    rewrite([source / "IR_PHA_R.CSV"], "windows")
    assert everything(built(source, tmp_path / "out")) == expected
