"""Lines of treatment of hand-made subjects, by the command: what opens a line, its regimen, and its days."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.openchronic.front_door import openchronic

FIRST = date(2020, 1, 1)
LAST = 731
# A and D are of one class.
CLASSES = {"A": "x", "B": "", "C": "", "D": "x"}
SETS = """pathway,same_class_is_new,drop_is_new,max_lines,regimen_days
default,,,,
classes apart,true,,,
drops,,true,,
two,,,2,
long,,,,60
"""


@dataclass(frozen=True)
class Case:
    """``lines``: of each its regimen, its first and last day, and what opens it; the first day of the period is 1."""

    what: str
    exposures: str
    pathway: str
    lines: tuple[str, ...]


CASES = (
    Case("one after two", "A 1-60 B 1-60 C 70-120", "default", ("A+B 1-60 start", "C 70-120 new_treatment")),
    Case("added after the window", "A 1-120 B 50-120", "default", ("A 1-49 start", "A+B 50-120 new_treatment")),
    Case("a long stop", "A 1-60 A 245-300", "default", ("A 1-60 start", "A 245-300 gap")),
    Case("a part is dropped", "A 1-120 B 1-50", "default", ("A+B 1-120 start",)),
    Case("a part is dropped, and that is new", "A 1-120 B 1-50", "drops", ("A+B 1-50 start", "A 51-120 drop")),
    Case("all end together", "A 1-50 B 1-50", "drops", ("A+B 1-50 start",)),
    Case("dropped within the window", "A 1-120 B 1-10", "drops", ("A+B 1-28 start", "A 29-120 drop")),
    Case("added on the last day of the window", "A 1-120 B 28-120", "default", ("A+B 1-120 start",)),
    Case("added the day after", "A 1-120 B 29-120", "default", ("A 1-28 start", "A+B 29-120 new_treatment")),
    Case("a longer window", "A 1-120 B 50-120", "long", ("A+B 1-120 start",)),
    Case("ninety days without", "A 1-60 A 151-180", "default", ("A 1-180 start",)),
    Case("one day more", "A 1-60 A 152-180", "default", ("A 1-60 start", "A 152-180 gap")),
    Case("another of the class", "A 1-60 D 61-120", "default", ("A 1-120 start",)),
    Case("another, classes apart", "A 1-60 D 61-120", "classes apart", ("A 1-60 start", "D 61-120 new_treatment")),
    Case("back to what was before", "A 1-60 B 61-120 A 121-180", "default",
         ("A 1-60 start", "B 61-120 new_treatment", "A 121-180 new_treatment")),
    Case("two lines at most", "A 1-60 B 61-120 C 121-180", "two", ("A 1-60 start", "B 61-120 new_treatment")),
    Case("nothing at all", "", "default", ()),
)  # fmt: skip


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[str, ...]]:
    """Give the lines of each case, each a subject, by one call."""
    folder = tmp_path_factory.mktemp("lines")
    exposures = ["subject_id,treatment,start_date,end_date,class"]
    cohort = ["subject_id,start_date,end_date"]
    for case in CASES:
        cohort.append(f'"{case.what}",{FIRST},{_day(LAST)}')
        words = case.exposures.split()
        for treatment, days in zip(words[::2], words[1::2], strict=True):
            span = [str(_day(int(one))) for one in days.split("-")]
            row = ",".join([treatment, *span, CLASSES[treatment]])
            exposures.append(f'"{case.what}",{row}')
    for name, text in (("exposures", exposures), ("cohort", cohort)):
        (folder / f"{name}.csv").write_text("\n".join(text) + "\n")
    (folder / "sets.csv").write_text(SETS)
    done = openchronic(
        *("pathways", folder / "exposures.csv", folder / "cohort.csv", "--quiet"),
        *("--parameters", folder / "sets.csv", "--output", folder),
    )
    assert done.status == 0, done.text
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    with (folder / "treatment_line.csv").open(newline="") as rows:
        for told in csv.DictReader(rows):
            first, last = (date.fromisoformat(told[one]) for one in ("first_day", "last_day"))
            assert int(told["days"]) == (last - first).days + 1
            key = (told["pathway"], told["subject_id"])
            assert int(told["line"]) == len(found.get(key, ())) + 1
            days = f"{(first - FIRST).days + 1}-{(last - FIRST).days + 1}"
            line = f"{told['regimen']} {days} {told['opened_by']}"
            found[key] = (*found.get(key, ()), line)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_case_has_its_lines(lines: dict[tuple[str, str], tuple[str, ...]], case: Case) -> None:
    assert lines.get((case.pathway, case.what), ()) == case.lines


def test_a_treatment_has_one_class(tmp_path: Path) -> None:
    (tmp_path / "exposures.csv").write_text(
        "subject_id,treatment,start_date,end_date,class\n1,A,2020-01-01,2020-01-30,x\n1,A,2020-03-01,2020-03-30,y\n"
    )
    (tmp_path / "cohort.csv").write_text(
        "subject_id,start_date,end_date\n1,2020-01-01,2020-12-31\n"
    )
    done = openchronic("pathways", tmp_path / "exposures.csv", tmp_path / "cohort.csv")
    assert done.status == 1
    assert "the treatment A has the classes x and y: one is needed" in done.err


def _day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)
