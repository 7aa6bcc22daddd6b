"""Every date format, and every dialect of CSV, gives the same release through a build."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest

from tests.openchronic.front_door import built, everything, rows
from tests.openchronic.ingest.mutations import part
from tests.openchronic.small_delivery import ALICE, Row, claim, drug, illness, person, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
DAYS = ("FLX_DIS_DTD", "FLX_TRT_DTD", "EXE_SOI_DTD", "PRE_PRE_DTD")


TEMPLATES = (
    "{y}-{m}-{d}",
    "{y}-{m}-{d} 00:00:00",
    "{y}-{m}-{d}T00:00:00",
    "{d}{mon}{y}:00:00:00",
    "{d}{mon}{y}:00:00:00.000",
    "{d}{mon}{y}",
    "{d}{m}{y}",
    "{y}{m}{d}",
    "{d}/{m}/{y} 00:00:00",
    "{d}/{m}/{y} 00:00",
    "{y}-{m}-{d} 00:00",
    "{y}-{m}-{d}T00:00",
    "{y}-{m}-{d}T00:00:00.000",
    "{d}{mon}{y}:00:00",
    "{d}-{m}-{y}",
    "{d}.{m}.{y}",
    "{y}/{m}/{d}",
    # Spark writes such a timestamp in Paris, for a day that began there before midnight in UTC.
    "{y}-{m}-{d}T00:00:00.000+01:00",
    "{y}-{m}-{d} 00:00:00+0100",
    "{y}-{m}-{d}T00:00:00Z",
    "{d}/{m}/{yy}",
    "{d}-{m}-{yy}",
    "{d}{mon}{yy}",
    "{d}{mon}{yy}:00:00:00",
    "{d}/{m}/{yy} 00:00",
)


def dated(place: int, template: str) -> list[Row]:
    """Returns two claims of 25 and 26 March 2021 of ``place`` and a half euros, with dates in ``template``."""

    def write_day(day: str) -> str:
        d, m, y = day.split("/")
        return template.format(d=d, m=m, y=y, yy=y[2:], mon={"03": "MAR", "04": "APR"}[m])

    claims = [
        claim(
            10 * place + number,
            ALICE,
            f"{24 + number}/03/2021",
            PRE_PRE_DTD="20/03/2021",
            PRS_PAI_MNT=f"{place}.50",
        )
        for number in (1, 2)
    ]
    return [one | {name: write_day(one[name]) for name in DAYS} for one in claims]


@pytest.fixture(scope="module")
def of_all_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in which each file of claims has its own date format."""
    folder = tmp_path_factory.mktemp("templates")
    files = plain()
    del files[CLAIMS]
    for place, template in enumerate(TEMPLATES):
        files[f"DCIR_2021/ER_PRS_F_2021-{place}.CSV"] = dated(place, template)
    return built(write(folder / "delivery", files), folder / "out")


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_date_is_the_same_day_however_it_is_written(
    of_all_templates: Path, template: str
) -> None:
    place = TEMPLATES.index(template)
    found = rows(
        of_all_templates,
        f"SELECT CAST(start_date AS VARCHAR) FROM cost WHERE billed = {place}.5 ORDER BY 1",  # noqa: S608
    )
    assert found == [("2021-03-25",), ("2021-03-26",)]
    assert rows(of_all_templates, f"FROM reject WHERE file LIKE '%2021-{place}.CSV'") == []


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{d}/{m}/{yy}", "EXE_SOI_DTD: years of two digits; 00 to 49 are read as 2000 to 2049"),
        ("{y}-{m}-{d}T00:00:00.000+01:00", "EXE_SOI_DTD: dates with a time zone"),
    ],
)
def test_how_dates_are_taken_is_told_for_each_file(
    of_all_templates: Path, template: str, sentence: str
) -> None:
    place = TEMPLATES.index(template)
    manifest = json.loads((of_all_templates / "manifest.json").read_text())
    (notes,) = (one["notes"] for one in manifest["inputs"] if f"2021-{place}.CSV" in one["file"])
    assert [note for note in notes if note.startswith(sentence)]
    assert [note for note in manifest["notes"] if sentence in note]


def test_midnight_in_paris_written_in_utc_is_that_day(delivery: Path, releases: Path) -> None:
    write(delivery, {CLAIMS: [claim(1, ALICE, "2021-03-09T23:00:00.000Z")]})
    found = rows(built(delivery, releases), "SELECT CAST(start_date AS VARCHAR) FROM cost")
    assert found == [("2021-03-10",)]


ENDS: dict[str, str | None] = {
    "31/12/9999": None,
    "01/01/0001": None,
    "01/01/1600": None,
    "31DEC9999:00:00:00": None,
    "9999-12-31": None,
    "01/01/01": "2001-01-01",
    # The open end of the SNDS, 31/12/2099.
    "31/12/99": None,
    "31/12/49": "2049-12-31",
    "31/12/50": "1950-12-31",
}


def test_the_first_and_the_last_year_of_a_calendar_are_no_end(
    delivery: Path, releases: Path
) -> None:
    """Each date is in a file of its own, of a person whose illness began on a day of its own."""
    persons = [f"{'P' * 15}{number}" for number in range(10, 10 + len(ENDS))]
    write(delivery, {"IR_BEN_R.CSV": [person(one) for one in (ALICE, *persons)]})
    (delivery / "IR_IMB_R.CSV").unlink()
    for number, (psa, end) in enumerate(zip(persons, ENDS, strict=True), 10):
        write(delivery, {f"IR_IMB_R_{number}.CSV": [illness(psa, f"{number}/02/1949", end, "E11")]})
    release = built(delivery, releases)
    assert rows(release, "FROM reject") == []
    assert rows(release, "SELECT CAST(end_date AS VARCHAR) FROM ald ORDER BY start_date") == [
        (expected,) for expected in ENDS.values()
    ]


AMOUNTS: tuple[str, ...] = (
    "1 234,56",
    "1\N{NO-BREAK SPACE}234,56",
    "1\N{NARROW NO-BREAK SPACE}234.56",
    "1.234,56",
)
AMOUNTS += ("1,234.56", "1'234.56", "1234,56", "1.23456E+03")


def test_an_amount_is_the_same_whatever_stands_between_its_thousands(
    delivery: Path, releases: Path
) -> None:
    """Each amount is in a file of its own, and of a day of its own."""
    (delivery / CLAIMS).unlink()
    files = {f"DCIR_2021/ER_PRS_F_2021-{day}.CSV": day for day in range(10, 10 + len(AMOUNTS))}
    for (file, day), amount in zip(files.items(), AMOUNTS, strict=True):
        write(delivery, {file: [claim(day, ALICE, f"{day}/03/2021", PRS_PAI_MNT=amount)]})
    release = built(delivery, releases)
    found = rows(
        release, "SELECT day(start_date), CAST(billed AS VARCHAR) FROM cost ORDER BY start_date"
    )
    assert found == [(day, "1234.56000") for day in files.values()]
    manifest = json.loads((release / "manifest.json").read_text())
    told = "PRS_PAI_MNT: thousands are written apart"
    apart = {
        file
        for file, amount in zip(files, AMOUNTS, strict=True)
        if amount[:5] != "1234," and "E" not in amount
    }
    assert {
        one["file"] for one in manifest["inputs"] if any(told in note for note in one["notes"])
    } == apart
    (note,) = (one for one in manifest["notes"] if told in one)
    assert {file for file in files if file in note} <= apart


def test_a_whole_number_may_have_its_thousands_apart_but_no_decimals(
    delivery: Path, releases: Path
) -> None:
    claims = [
        claim(1, ALICE, "10/03/2021", PRS_NAT_REF="3 303"),
        claim(2, ALICE, "11/03/2021", PRS_NAT_REF="3 303,5"),
        claim(3, ALICE, "12/03/2021", PRS_NAT_REF="3 3 03"),
    ]
    release = built(write(delivery, {CLAIMS: claims}).parent / "delivery", releases)
    found = rows(release, "SELECT column_name, reason, first_lines FROM reject")
    assert found == [("PRS_NAT_REF", "not a whole number", [3, 4])]


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
    "latin-1": (";", "latin-1", "\n", csv.QUOTE_NONE),
    "comma, gzip": (",", "utf-8", "\n", csv.QUOTE_NONE),
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
        if "gzip" in dialect:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()


@pytest.fixture
def accents() -> dict[str, list[Row]]:
    return plain() | {"IR_PHA_R.CSV": [drug("3400930000001", "A10BA02", "GÉLULE À 2 ŒUFS")]}


def test_each_file_may_be_of_a_dialect_of_its_own(tmp_path: Path) -> None:
    """Each table has as many files as there are dialects."""
    files = {
        f"{number}/{name}": [
            row | {"PHA_MED_NOM": "GÉLULE À 2 OEUFS"} if "PHA_MED_NOM" in row else row
            for row in map(dict, lines)
        ]
        for number in range(len(DIALECTS))
        for name, lines in part(number).items()
    }
    expected = everything(built(write(tmp_path / "plain", files), tmp_path / "plain out"))
    source = write(tmp_path / "mixed" / "deep" / "er", files)
    for number, dialect in enumerate(DIALECTS):
        paths = list((source / str(number)).rglob("*.CSV"))
        assert len(paths) == len(plain()), dialect
        rewrite([path.rename(path.with_name(path.name.lower())) for path in paths], dialect)
    assert everything(built(tmp_path / "mixed", tmp_path / "out")) == expected


def test_a_ligature_of_windows_is_read(tmp_path: Path, accents: dict[str, list[Row]]) -> None:
    expected = everything(built(write(tmp_path / "plain", accents), tmp_path / "plain out"))
    source = write(tmp_path / "windows", accents)
    rewrite([source / "IR_PHA_R.CSV"], "windows")
    assert everything(built(source, tmp_path / "out")) == expected
