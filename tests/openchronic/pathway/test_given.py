"""Tables that somebody gives: other separators and formats are read, a bad row is refused with its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.openchronic.front_door import Answer, openchronic

EXPOSURES = "subject_id,treatment,start_date,end_date\n1,A,2020-01-01,2020-03-01\n"
COHORT = "subject_id,start_date,end_date\n1,2020-01-01,2020-12-31\n2,2020-01-01,2020-12-31\n"
SHARES = "pathway,path,n_periods,n_subjects,share_of_periods\npathway,,1,1,0.5\npathway,A,1,1,0.5\n"
NOBODY = "pathway,path,n_periods,n_subjects,share_of_periods\n"


def asked(
    folder: Path, exposures: str | Path = EXPOSURES, cohort: str | Path = COHORT, *more: object
) -> Answer:
    places = []
    for name, content in (("exposures.csv", exposures), ("cohort.csv", cohort)):
        place = content if isinstance(content, Path) else folder / name
        if isinstance(content, str):
            place.write_text(content, encoding="utf-8")
        places.append(place)
    return openchronic("pathways", *places, "--quiet", *more)


def as_parquet(folder: Path, name: str, columns: Mapping[str, Sequence[object]]) -> Path:
    parquet.write_table(pa.table(dict(columns)), folder / name)
    return folder / name


def test_other_spellings_of_the_same_tables_are_read(tmp_path: Path) -> None:
    semicolons = EXPOSURES.replace(",", ";")
    spelt = '\ufeffEnd_Date,subject_id,"treatment",start_date,more\n2020-03-01T00:00:00, 1 ,A,2020-01-01,x\n'
    days: dict[str, Sequence[object]] = {
        "subject_id": [1],
        "treatment": ["A"],
        "start_date": [date(2020, 1, 1)],
        "end_date": [date(2020, 3, 1)],
    }
    numbers = as_parquet(tmp_path, "exposures.parquet", days)
    cohort = as_parquet(
        tmp_path,
        "cohort.parquet",
        {
            "subject_id": ["1", "2"],
            "start_date": [date(2020, 1, 1)] * 2,
            "end_date": [date(2020, 12, 31)] * 2,
        },
    )
    unnamed = "".join(f"{line},,\n" for line in EXPOSURES.splitlines())
    for exposures in (
        EXPOSURES,
        semicolons,
        spelt,
        unnamed,
        EXPOSURES.replace("\n", "\r\n"),
        numbers,
    ):
        for periods in (COHORT, cohort):
            done = asked(tmp_path, exposures, periods)
            assert (done.status, done.out) == (0, SHARES), done.text


def test_a_subject_is_the_same_whatever_the_type_of_its_number(tmp_path: Path) -> None:
    for number in (pa.float64(), pa.float32(), pa.int16(), pa.decimal128(21, 2), pa.string()):
        exposures = as_parquet(
            tmp_path,
            "numbers.parquet",
            {
                "subject_id": pa.array([1]).cast(number),
                "treatment": ["A"],
                "start_date": [date(2020, 1, 1)],
                "end_date": [date(2020, 3, 1)],
            },
        )
        done = asked(tmp_path, exposures)
        assert (done.status, done.out) == (0, SHARES), (number, done.text)


def test_a_file_is_read_by_its_name_and_no_other(tmp_path: Path) -> None:
    for name, treatment in (("a[1].csv", "A"), ("a*.csv", "A"), ("a1.csv", "B")):
        (tmp_path / name).write_text(EXPOSURES.replace(",A,", f",{treatment},"), encoding="utf-8")
    for name in ("a[1].csv", "a*.csv"):
        done = asked(tmp_path, tmp_path / name)
        assert (done.status, done.out) == (0, SHARES), (name, done.text)


def test_nobody_and_nothing_have_tables_with_the_same_columns(tmp_path: Path) -> None:
    done = asked(tmp_path, EXPOSURES, COHORT.splitlines()[0] + "\n", "--output", tmp_path / "out")
    assert (done.status, done.out) == (0, NOBODY), done.text
    lines = [len(file.read_text().splitlines()) for file in (tmp_path / "out").iterdir()]
    assert lines == [1] * 5
    done = asked(tmp_path, EXPOSURES.splitlines()[0] + "\n")
    assert done.out == f"{NOBODY}pathway,,2,2,1.0\n", done.text


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",A,2020-01-01,2020-03-01", "row 2 has no subject_id"),
        ("1,,2020-01-01,2020-03-01", "row 2 has no treatment"),
        ("1,A,2020-01-01,", "row 2 has no end_date"),
        ("1,A,01/02/2020,2020-03-01", "row 2 has a start_date that is no day such as 2020-12-31"),
        ("1,A,2020-02-30,2020-03-01", "row 2 has a start_date that is no day"),
        ("1,A,2020-01-01 13:30:00,2020-03-01", "row 2 has a start_date that is no day"),
        ("1,A,2020-04-01,2020-03-01", "row 2 has an end_date before its start_date"),
        ("1,A,2020-04-01", "cannot be read: "),
        ("1,A-B,2020-01-01,2020-03-01", "'A-B': a name is not empty, and holds neither + nor -"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_its_number(tmp_path: Path, row: str, told: str) -> None:
    done = asked(tmp_path, f"{EXPOSURES}{row}\n{row}\n")
    assert (done.status, done.out) == (1, ""), done.text
    assert told in done.err
    assert str(tmp_path / "exposures.csv") in done.err
    assert "Traceback" not in done.err


def test_a_table_that_is_none_of_these_is_refused(tmp_path: Path) -> None:
    for content, told in (
        ("", "no column subject_id, treatment"),
        (f"{EXPOSURES}1,A,2020-01-01\n", "Line: 3: Expected Number of Columns: 4 Found: 3"),
        (EXPOSURES.replace("treatment", "end_date"), "two columns are called end_date"),
        (COHORT, "no column treatment; it needs subject_id, treatment, start_date, end_date"),
        (tmp_path / "nowhere.csv", "there is no such file"),
    ):
        done = asked(tmp_path, content)
        assert (done.status, done.out) == (1, ""), done.text
        assert told in done.err
    (tmp_path / "binary.csv").write_bytes(
        b"subject_id,treatment,start_date,end_date\n\xff\xfe,A,x,y\n"
    )
    done = asked(tmp_path, tmp_path / "binary.csv")
    assert done.status == 1
    assert "Traceback" not in done.err
    assert "This file is not utf-8 encoded" in done.err


def test_sixty_three_treatments_are_one_too_many(tmp_path: Path) -> None:
    rows = "".join(f"1,T{number:02},2020-01-01,2020-12-31\n" for number in range(62))
    done = asked(tmp_path, EXPOSURES.splitlines()[0] + "\n" + rows)
    assert done.status == 0, done.text
    assert "+".join(f"T{number:02}" for number in range(62)) in done.out
    done = asked(tmp_path, EXPOSURES + rows)
    assert done.status == 1
    assert "63 treatments: a pathway holds 62 at most" in done.err


def test_files_that_cannot_be_written_leave_those_of_before(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    done = asked(tmp_path, EXPOSURES, COHORT, "--output", tmp_path / "out")
    assert (done.status, done.out) == (1, ""), done.text
    assert str(tmp_path / "out") in done.err
    assert (tmp_path / "out").read_text() == "a file"
