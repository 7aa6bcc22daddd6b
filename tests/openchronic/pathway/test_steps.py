"""Steps of hand-made subjects, by the command: each case says its exposures, its parameters, and its path."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.openchronic.front_door import openchronic

FIRST = date(2020, 1, 1)
SETS = """pathway,max_gap_days,combination_days,min_part_days,repeats,era,min_exposure_days,max_steps
all,4,30,30,all,,,
short parts,4,5,5,all,,,
default,,,,,,,
first,4,30,30,first,,,
three steps,4,5,5,all,,,3
long,4,30,30,all,,10,
apart,-1,30,0,all,,,
counted,,,,,purchase_count,,
latest,,,,,latest_purchase,,
unlimited,,,,,unlimited,,
"""


@dataclass(frozen=True)
class Case:
    """``exposures``: treatments with their first and last day, the first day of the period being 1."""

    what: str
    exposures: str
    pathway: str
    path: str


# The first group has the shapes of TreatmentPatterns' tests of paths, on days of our own; the second, d1 to d6, is where its
# answer depends on the order of rows or on other persons, and ours does not; the third is what SCALPEL's eras are.
CASES = (
    Case("one treatment", "A 5-60", "all", "A"),
    Case("one after the other", "A 5-60 B 62-120 C 130-200", "all", "A-B-C"),
    Case("a combination after", "A 1-50 B 60-120 C 60-120", "all", "A-B+C"),
    Case("a combination before", "A 1-50 B 1-50 C 60-120", "all", "A+B-C"),
    Case("back again", "A 1-50 B 60-110 A 115-170 B 175-220", "all", "A-B-A-B"),
    Case("a short gap is none", "A 1-50 B 60-110 B 114-150", "all", "A-B"),
    Case("a long gap is one", "A 1-50 B 60-110 B 140-180", "all", "A-B-B"),
    Case("a gap of four days is short", "A 1-50 A 55-100", "all", "A"),
    Case("a gap of five days is long", "A 1-50 A 56-100", "all", "A-A"),
    Case("the same combination twice", "A 1-50 B 1-50 A 90-150 B 90-150", "all", "A+B-A+B"),
    Case("an overlap of two weeks", "A 1-31 B 15-46", "short parts", "A-A+B-B"),
    Case("a third one within two", "A 1-31 C 1-31 B 10-20", "short parts", "A+C-A+B+C-A+C"),
    Case("at most three steps", "A 1-20 B 25-40 A 45-60 B 65-80", "three steps", "A-B-A"),
    Case("parts too short to count", "A 1-60 B 10-74", "all", "A+B"),
    Case("five at once", "A 1-74 B 1-74 C 1-74 D 1-74 E 1-74", "all", "A+B+C+D+E"),
    Case("the first of each", "A 1-50 B 60-110 A 115-170 B 175-220", "first", "A-B"),
    Case("begins before the period", "A -20-60", "all", ""),
    Case("begins on its last day", "A 366-400", "all", "A"),
    Case("begins the day after", "A 367-400", "all", ""),
    Case("nothing at all", "", "all", ""),
    Case("an exposure too short", "A 1-9 B 60-69", "long", "B"),
    # d1
    Case("a short addition leaves one step", "A 1-366 B 122-131", "all", "A"),
    # d2: nobody else's overlap makes these eras too short.
    Case("short eras without overlap", "A 1-10 B 40-49", "all", "A-B"),
    # d3
    Case("a purchase within another", "A 1-181 A 32-51 A 197-366", "default", "A"),
    # d4
    Case("begun and ended together", "B 1-90 A 1-90", "all", "A+B"),
    # d5
    Case("a short overlap that shares a start", "A 1-60 B 1-10", "all", "A"),
    Case("a short overlap that shares an end", "A 1-60 B 50-60", "all", "A"),
    Case("a handover", "A 1-60 B 45-120", "all", "A-B"),
    Case("a combination all of it short", "A 1-20 B 1-20", "short parts", "A+B"),
    Case("a combination too short for any rule", "A 1-20 B 1-20", "all", ""),
    Case("eras that touch stay apart", "A 1-30 A 31-60", "apart", "A-A"),
    Case("eras that share a day do not", "A 1-30 A 30-60", "apart", "A"),
    # SCALPEL: three purchases of 30 days, the last one late for the second.
    Case("by purchases", "A 1-30 A 31-60 A 100-129", "counted", "A"),
    Case("by the latest", "A 1-30 A 31-60 B 62-91", "latest", "A-B"),
    Case("from the second purchase to the end", "A 1-30 A 60-89 B 200-229", "unlimited", "A"),
    Case("one purchase is not two", "B 1-30", "unlimited", ""),
)  # fmt: skip


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that one call wrote for all cases, each a subject."""
    folder = tmp_path_factory.mktemp("pathways")
    (folder / "sets.csv").write_text(SETS)
    exposures, cohort = (
        ["subject_id,treatment,start_date,end_date"],
        ["subject_id,start_date,end_date"],
    )
    for case in CASES:
        cohort.append(f"{case.what},{FIRST},{_day(366)}")
        words = case.exposures.split()
        for treatment, days in zip(words[::2], words[1::2], strict=True):
            first, _, last = days.rpartition("-")
            exposures.append(f"{case.what},{treatment},{_day(int(first))},{_day(int(last))}")
    (folder / "exposures.csv").write_text("\n".join(exposures) + "\n")
    (folder / "cohort.csv").write_text("\n".join(cohort) + "\n")
    done = openchronic(
        *("pathways", folder / "exposures.csv", folder / "cohort.csv"),
        *("--parameters", folder / "sets.csv", "--output", folder / "out"),
    )
    assert done.status == 0, done.text
    (folder / "shares.csv").write_text(done.out)
    return folder


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def paths(output: Path) -> dict[tuple[str, str], str]:
    return {
        (row["pathway"], row["subject_id"]): row["path"] for row in read(output / "out/pathway.csv")
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_case_has_its_path(paths: dict[tuple[str, str], str], case: Case) -> None:
    assert paths[case.pathway, case.what] == case.path


def test_a_path_is_its_steps(output: Path) -> None:
    steps: dict[tuple[str, str], list[str]] = {}
    for row in read(output / "out/pathway_step.csv"):
        days = date.fromisoformat(row["last_day"]) - date.fromisoformat(row["first_day"])
        assert int(row["days"]) == days.days + 1
        steps.setdefault((row["pathway"], row["subject_id"]), []).append(row["held"])
    for row in read(output / "out/pathway.csv"):
        own = steps.get((row["pathway"], row["subject_id"]), [])
        assert (row["path"], int(row["n_steps"])) == ("-".join(own), len(own))


def test_shares_have_one_denominator_without_treatment_included(output: Path) -> None:
    shares = read(output / "shares.csv")
    assert list(shares[0]) == ["pathway", "path", "n_periods", "n_subjects", "share_of_periods"]
    periods: dict[str, int] = {}
    for row in shares:
        assert float(row["share_of_periods"]) == int(row["n_periods"]) / len(CASES)
        assert row["n_subjects"] == row["n_periods"]
        periods[row["pathway"]] = periods.get(row["pathway"], 0) + int(row["n_periods"])
    assert periods == dict.fromkeys(
        (line.partition(",")[0] for line in SETS.splitlines()[1:]), len(CASES)
    )
    counts = [int(row["n_periods"]) for row in shares if row["pathway"] == "all"]
    assert counts == sorted(counts, reverse=True)


def test_a_step_says_what_it_changes(output: Path) -> None:
    changes: dict[str, list[str]] = {}
    for row in read(output / "out/pathway_step.csv"):
        if row["pathway"] == "short parts":
            changes.setdefault(row["subject_id"], []).append(row["change"])
    assert changes["an overlap of two weeks"] == ["start", "add", "drop"]
    assert changes["one after the other"] == ["start", "switch", "switch"]
    assert changes["a long gap is one"] == ["start", "switch", "restart"]


@pytest.mark.parametrize(
    ("exposures", "next_changes", "censored"),
    [
        # A period of 366 days, without treatment for 90 or 91 of them at its end.
        ("A 1-276", ["censored"], "true"),
        ("A 1-275", ["stop"], "false"),
        ("A 1-50 B 140-366", ["start", "censored"], "true"),
        ("A 1-50 B 141-366", ["start", "censored"], "true"),
        ("A 1-50 B 142-366", ["stop", "censored"], "true"),
        ("A 1-50 B 60-110 C 300-366", ["switch", "stop", "censored"], "true"),
        ("A 1-100 B 50-100 B 101-140 C 300-330", ["add", "drop", "stop", "censored"], "true"),
        # The same again is no step by « changes », and treatment all the same.
        ("A 1-50 A 100-366", ["censored"], "true"),
        ("A 1-50 A 200-366", ["stop"], "true"),
        ("A 1-50 A 200-240 B 245-366", ["stop", "censored"], "true"),
        ("A 1-50 A 100-150 B 160-366", ["switch", "censored"], "true"),
        # The sixth step is beyond the five that are told.
        (
            "A 1-30 B 32-60 A 62-90 B 92-120 A 122-150 B 152-180",
            ["switch", "switch", "switch", "switch", "switch"],
            "false",
        ),
    ],
)
def test_a_step_says_what_comes_after_it(
    tmp_path: Path, exposures: str, next_changes: list[str], censored: str
) -> None:
    words = exposures.split()
    lines = [
        f"x,{treatment},{_day(int(days.partition('-')[0]))},{_day(int(days.partition('-')[2]))}"
        for treatment, days in zip(words[::2], words[1::2], strict=True)
    ]
    (tmp_path / "e.csv").write_text("\n".join(["subject_id,treatment,start_date,end_date", *lines]))
    (tmp_path / "c.csv").write_text(f"subject_id,start_date,end_date\nx,{FIRST},{_day(366)}\n")
    done = openchronic(
        *("pathways", tmp_path / "e.csv", tmp_path / "c.csv", "--output", tmp_path / "out")
    )
    assert done.status == 0, done.text
    assert [row["next_change"] for row in read(tmp_path / "out/pathway_step.csv")] == next_changes
    (path,) = read(tmp_path / "out/pathway.csv")
    assert path["censored"] == censored


def test_a_treatment_that_ends_with_the_period_may_go_on(output: Path) -> None:
    censored = {
        row["subject_id"]: row["censored"]
        for row in read(output / "out/pathway.csv")
        if row["pathway"] == "all"
    }
    assert censored["a short addition leaves one step"] == "true"
    assert censored["one treatment"] == "false"
    assert censored["nothing at all"] == "false"


def test_a_subject_in_several_periods_counts_in_each_or_once(tmp_path: Path) -> None:
    (tmp_path / "exposures.csv").write_text(
        "subject_id,treatment,start_date,end_date\n"
        "7,A,2020-01-10,2020-03-30\n7,B,2021-01-10,2021-03-30\n8,A,2020-02-01,2020-06-30\n"
    )
    (tmp_path / "cohort.csv").write_text(
        "subject_id,start_date,end_date\n"
        "7,2021-01-01,2021-12-31\n7,2020-01-01,2020-12-31\n8,2020-01-01,2020-12-31\n"
    )
    (tmp_path / "sets.csv").write_text("pathway,joins_periods\nperiods,false\nsubjects,true\n")
    done = openchronic(
        *("pathways", tmp_path / "exposures.csv", tmp_path / "cohort.csv", "--quiet"),
        *("--parameters", tmp_path / "sets.csv"),
    )
    assert (done.status, done.err) == (0, ""), done.text
    assert done.out.splitlines()[1:] == [
        f"periods,A,2,2,{2 / 3}",
        f"periods,B,1,1,{1 / 3}",
        "subjects,A,1,1,0.5",
        "subjects,A-B,1,1,0.5",
    ]


def test_early_refills_move_forward_in_the_share_of_days_covered(tmp_path: Path) -> None:
    """The worked example of the specification: 167 of 180 days, and 180 days supplied."""
    (tmp_path / "exposures.csv").write_text(
        "subject_id,treatment,start_date,end_date\n"
        "1,A,2019-01-01,2019-01-30\n1,A,2019-01-21,2019-02-19\n"
        "1,A,2019-03-15,2019-04-13\n1,A,2019-04-14,2019-07-12\n1,B,2019-02-01,2019-02-10\n"
    )
    (tmp_path / "cohort.csv").write_text(
        "subject_id,start_date,end_date\n1,2019-01-01,2019-06-29\n"
    )
    (tmp_path / "sets.csv").write_text("pathway,carry\nmoved,all\nas bought,none\n")
    done = openchronic(
        *("pathways", tmp_path / "exposures.csv", tmp_path / "cohort.csv", "--quiet"),
        *("--parameters", tmp_path / "sets.csv", "--output", tmp_path),
    )
    assert done.status == 0, done.text
    told = {
        (row["pathway"], row["treatment"]): (row["days_covered"], row["pdc"], row["mpr"])
        for row in read(tmp_path / "adherence.csv")
    }
    assert told == {
        ("moved", "A"): ("167", str(167 / 180), "1.0"),
        ("as bought", "A"): ("157", str(157 / 180), "1.0"),
        # One purchase says nothing of adherence.
        ("moved", "B"): ("10", "", str(10 / 180)),
        ("as bought", "B"): ("10", "", str(10 / 180)),
    }


def _day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)
