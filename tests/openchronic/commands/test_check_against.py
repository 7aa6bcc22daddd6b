"""`openchronic check --against`: published counts beside those of the release, and errors for bad files."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.front_door import built, openchronic
from tests.openchronic.small_delivery import claim, illness, person, plain, write

HEADER = "disease;sex;age_class;year;patients\n"


def number(place: int) -> str:
    return f"{place:017}"


@pytest.fixture(scope="module")
def ill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """On 31/12/2021, 15 women in their 70s have diabetes (ALD 8), and 4 men in their 60s."""
    people: list[dict[str, str]] = []
    records: list[dict[str, str]] = []
    for place in range(15):
        people.append(person(number(place), BEN_NAI_ANN="1950"))
        records.append(illness(number(place), "15/02/2020", "01/01/1600", "E11"))
    for place in range(15, 19):
        people.append(person(number(place), BEN_NAI_ANN="1955", BEN_SEX_COD="1"))
        # A second condition: a person counts once in each.
        records.append(illness(number(place), "15/02/2020", "31/12/2021", "E11"))
        records.append(illness(number(place), "15/02/2020", "01/01/1600", "C50"))
    # Persons who died in the year, or whose ALD ended before or began after the day, do not count.
    people.append(person(number(19), BEN_DCD_DTE="31/12/2021"))
    records.append(illness(number(19), "15/02/2020", "01/01/1600", "E11"))
    people.append(person(number(20)))
    records.append(illness(number(20), "15/02/2020", "30/12/2021", "E11"))
    people.append(person(number(21)))
    records.append(illness(number(21), "01/01/2022", "01/01/1600", "E11"))
    folder = tmp_path_factory.mktemp("ill")
    claims = [
        claim(1, number(0), "10/03/2021"),
        claim(2, number(0), "31/12/2021", flux="01/02/2022"),
    ]
    files = plain() | {
        "IR_BEN_R.CSV": people,
        "IR_IMB_R.CSV": records,
        "DCIR_2021/ER_PRS_F_2021.CSV": claims[:1],
        "DCIR_2022/ER_PRS_F_2022.CSV": claims[1:],
    }
    return built(write(folder / "delivery", files), folder / "releases")


def compared(release: Path, file: Path, text: str, *options: object) -> list[dict[str, Any]]:
    """Returns the comparisons from the JSON output."""
    file.write_text(text)
    answer = openchronic("check", release, "--against", file, "--json", *options)
    assert answer.status == 0, answer.text
    told = json.loads(answer.out)
    assert told["cartography"] is None
    return list(told["against"])


def test_people_with_an_open_ald_on_31_december_are_counted_by_sex_and_age(
    ill: Path, tmp_path: Path
) -> None:
    text = HEADER + (
        "8;F;70-79;2021;15\n8;M;60-69;2021;4\n8;all;all;2021;19\n8;F;all;2021;15\n"
        "8;all;60-69;2021;4\n30;M;60-69;2021;4\n30;F;60-69;2021;0\n8;F;90+;2021;0\n"
    )
    for one in compared(ill, tmp_path / "file.csv", text):
        assert one["patients"] == one["published"], one
        assert one["ratio"] == (1 if one["published"] else None)
        assert one["agreement"] == "agrees"


def test_a_figure_outside_the_tolerance_is_flagged_with_its_ratio_and_is_no_failure(
    ill: Path, tmp_path: Path
) -> None:
    text = (
        "patients,year,age_class,sex,disease\n16,2021,70-79,F,8\n20,2021,all,M,8\n0,2021,all,M,30\n"
    )
    file = tmp_path / "file.csv"
    found = {(one["disease"], one["sex"]): one for one in compared(ill, file, text)}
    assert found[8, "F"]["ratio"] == 15 / 16
    assert found[8, "F"]["agreement"] == "agrees"
    assert found[8, "M"]["ratio"] == 4 / 20
    assert found[8, "M"]["agreement"] == "differs"
    assert (found[30, "M"]["ratio"], found[30, "M"]["agreement"]) == (None, "differs")
    strict = compared(ill, file, text, "--tolerance", 0.01)
    assert {one["agreement"] for one in strict} == {"differs"}
    answer = openchronic("check", ill, "--against", file)
    assert answer.status == 0
    assert "0.20  differs" in answer.out
    assert "agreement with the cartography: not measured" in answer.out


def test_a_year_without_care_in_the_release_is_not_compared(ill: Path, tmp_path: Path) -> None:
    text = HEADER + "8;all;all;2019;19\n8;all;all;2022;19\n"
    for one in compared(ill, tmp_path / "file.csv", text):
        assert one["agreement"] == "outside"
        assert one["patients"] is None


def test_the_page_hides_small_counts_and_the_sums_that_betray_them(
    ill: Path, tmp_path: Path
) -> None:
    file, page = tmp_path / "file.csv", tmp_path / "page.html"
    file.write_text(HEADER + "8;F;70-79;2021;500\n8;M;60-69;2021;600\n8;all;all;2021;700\n")
    answer = openchronic("check", ill, "--against", file, "--html", page)
    assert answer.status == 0, answer.text
    rows = {
        published: row
        for row in page.read_text().split("<tr")
        for published in ("500", "600", "700")
        if f">{published}<" in row
    }
    assert ">15<" in rows["500"]
    # 4 men are hidden; so is the total of 19, from which 15 women would be subtracted.
    for published in ("600", "700"):
        assert rows[published].count("masqué") == 2
        assert "écart" not in rows[published]
    assert "la cartographie n'est pas mesuré" in html.unescape(page.read_text())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        (HEADER, "a header and no line"),
        ("disease;sex;age_class;year\n8;F;all;2021", "the column patients is missing"),
        (HEADER.strip() + ";region\n8;F;all;2021;1;53", "line 1: no such column: region"),
        ("disease;sex;sex;age_class;year;patients\n", "a column is there twice"),
        (HEADER + "8;F;all;2021", "line 2: 4 values, 5 are needed"),
        (HEADER + "50;F;all;2021;1", "line 2: disease '50' is no number of the ALD list"),
        (HEADER + "E11;F;all;2021;1", "disease 'E11' is no number of the ALD list"),
        (HEADER + "8;2;all;2021;1", "sex '2' is not one of M, F, all"),
        (HEADER + "8;F;65-74;2021;1", "age_class '65-74' is not one of 0-9, 10-19"),
        (HEADER + "8;F;all;21;1", "year 21: from 1980 to 2100"),
        (HEADER + "8;F;all;2021;1 200", "patients '1 200' is not a whole number"),
        (HEADER + "8;F;all;2021;-3", "patients '-3' is not a whole number"),
        (HEADER + "8;F;all;2021;²", "patients '²' is not a whole number"),
        (HEADER + "8;F;all;2021;99999999999", "more than there are people"),
        (HEADER + "8;F;all;2021;1\n8;F;all;2021;2", "line 3: this disease, sex, age class and"),
        (HEADER + '8;F;all;2021;"1', "not a line of CSV"),
    ],
)
def test_a_bad_file_is_a_sentence_with_its_line(
    ill: Path, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(text, encoding="utf-8")
    refused(ill, file, said)


def test_a_file_that_cannot_be_read_is_a_sentence(ill: Path, tmp_path: Path) -> None:
    refused(ill, tmp_path / "none.csv", "no such file")
    refused(ill, tmp_path, "this is a folder, name a CSV file")
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEADER + "é").encode("latin-1"))
    refused(ill, latin, "not UTF-8 text")


def refused(release: Path, file: Path, said: str) -> None:
    """Asserts that the file is refused in these words, without a traceback."""
    answer = openchronic("check", release, "--against", file)
    assert answer.status == 2, answer.text
    assert said in answer.err
    assert answer.err.startswith(f"openchronic: --against {file}")
    assert "Traceback" not in answer.text
    assert answer.out == ""
