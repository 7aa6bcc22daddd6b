"""Days covered and persistence, by treatment and by class, with nights in hospital: cases counted by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

import openchronic as oc
from openchronic.pathway import Pathways

FIRST = date(2020, 1, 1)
CLASSES = {"A": "x", "B": "x", "C": "y", "D": None}
Spans = dict[str, str]


def made(exposures: str, nights: str = "", last: int = 100, **parameters: Any) -> Pathways:
    """Make the pathways of one subject from day 1 to day ``last``. ``exposures``: ``"A 1-30 B 31-60"``; ``nights``: ``"10-14"``."""
    words = exposures.split()
    given = _table(zip(words[::2], words[1::2], strict=True))
    stays = _table(("", one) for one in nights.split())
    return oc.pathways(
        given,
        _table([("", f"1-{last}")]),
        hospital=stays if nights else None,
        **parameters,
    )


def _table(spans: Iterable[tuple[str, str]]) -> pa.Table:
    rows = []
    for name, days in spans:
        first, last = map(int, days.split("-"))
        rows.append((name, first, last))
    return pa.table(
        {
            "subject_id": pa.array([1] * len(rows), "int64"),
            "treatment": [name for name, _, _ in rows],
            "class": [CLASSES.get(name) for name, _, _ in rows],
            "start_date": [_day(first) for _, first, _ in rows],
            "end_date": [_day(last) for _, _, last in rows],
        }
    )


def _day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def adherence(found: Pathways) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Give days left out, purchases, days supplied and covered, and the share, by level and name."""
    rows = found.adherence.project(
        "level, treatment, days_left_out, n_purchases, days_supplied, days_covered, pdc"
    ).fetchall()
    return {row[:2]: row[2:] for row in rows}


def persistence(found: Pathways) -> dict[tuple[str, str], tuple[int, bool]]:
    rows = found.persistence.project("level, treatment, days, stopped").fetchall()
    return {row[:2]: row[2:] for row in rows}


def test_a_day_that_two_treatments_of_a_class_cover_counts_once() -> None:
    assert adherence(made("A 1-30 B 16-45 D 1-10 D 11-20")) == {
        # One purchase says nothing of a treatment; those of its class are two.
        ("treatment", "A"): (0, 1, 30, 30, None),
        ("treatment", "B"): (0, 1, 30, 30, None),
        ("treatment", "D"): (0, 2, 20, 20, 0.2),
        ("class", "x"): (0, 2, 60, 45, 0.45),
    }


def test_early_refills_move_forward_in_their_treatment_and_not_in_its_class() -> None:
    found = adherence(made("A 1-30 A 21-50 B 41-70"))
    assert found["treatment", "A"] == (0, 2, 60, 60, 0.6)
    # A until day 60, B from day 41 to day 70.
    assert found["class", "x"] == (0, 3, 90, 70, 0.7)


def test_two_treatments_of_a_class_bought_on_one_day_are_one_purchase_of_it() -> None:
    assert adherence(made("A 1-30 B 1-30"))["class", "x"] == (0, 1, 60, 30, None)


def test_a_class_of_one_treatment_is_that_treatment() -> None:
    found = made("C 1-30 C 31-60")
    assert adherence(found)["class", "y"] == adherence(found)["treatment", "C"]
    assert persistence(found)["class", "y"] == persistence(found)["treatment", "C"]


@pytest.mark.parametrize("switch_counts", [False, True])
def test_going_over_to_another_of_the_class_does_not_end_the_class(switch_counts: bool) -> None:
    found = persistence(
        made("A 1-100 B 101-200", last=366, stop_days=30, switch_counts=switch_counts)
    )
    assert found["treatment", "A"] == (100, True)
    assert found["treatment", "B"] == (100, True)
    assert found["class", "x"] == (200, True)
    assert found["all", ""] == ((100, True) if switch_counts else (200, True))


def test_going_over_to_another_class_ends_the_class_where_switches_count() -> None:
    # C follows at once: nobody is without treatment, and the gap of the class is as long as before.
    ends = {
        counts: persistence(made("A 1-50 B 51-100 C 101-366 A 120-140", last=366, stop_days=30,
            combination_days=0, min_part_days=0, switch_counts=counts))
        for counts in (False, True)
    }  # fmt: skip
    assert ends[False]["class", "x"] == (140, True)
    assert ends[True]["class", "x"] == (100, True)


@pytest.mark.parametrize(("begins", "days"), [(131, 200), (132, 100)])
def test_a_gap_of_the_class_is_one_in_which_none_of_it_is_held(begins: int, days: int) -> None:
    # 30 days without are no stop, 31 are.
    found = persistence(made(f"A 1-100 B {begins}-200", last=366, stop_days=30))
    assert found["class", "x"] == (days, True)
    assert found["treatment", "A"] == (100, True)


@dataclass(frozen=True)
class Stayed:
    """Nights in hospital, days of A in a period of 100 days; the days left out, those covered, and the share."""

    what: str
    nights: str
    bought: str
    left_out: int
    covered: int
    pdc: float | None


STAYED = (
    Stayed("none", "", "A 1-30 A 31-60", 0, 60, 0.6),
    # Five nights from day 10, out on day 15: the second purchase waits for the first one, until day 65.
    Stayed("in what was bought", "10-14", "A 1-30 A 31-60", 5, 60, 60 / 95),
    Stayed("after it", "70-79", "A 1-30 A 31-60", 10, 60, 60 / 90),
    Stayed("on both sides of the first day", "1-4", "A 1-30 A 31-60", 4, 60, 60 / 96),
    Stayed("on the last day", "100-110", "A 1-30 A 31-60", 1, 60, 60 / 99),
    Stayed("the day after the period", "101-110", "A 1-30 A 31-60", 0, 60, 0.6),
    Stayed("at the end of what was bought", "61-65", "A 1-30 A 31-60", 5, 60, 60 / 95),
    Stayed("on its last day", "60-64", "A 1-30 A 31-60", 5, 60, 60 / 95),
    Stayed("stays that overlap", "10-14 12-16 17-19", "A 1-30 A 31-60", 10, 60, 60 / 90),
    Stayed("bought in hospital", "40-49", "A 1-30 A 45-74", 10, 60, 60 / 90),
    # Days 71-90 and 96-100.
    Stayed("beyond the end of the period", "91-95", "A 1-30 A 71-100", 5, 55, 55 / 95),
    Stayed("all days in hospital", "1-100", "A 1-30 A 31-60", 100, 0, None),
    # Out on the last day: one day is left, and covered.
    Stayed("all days but one", "1-99", "A 1-30 A 31-60", 99, 1, 1.0),
)


@pytest.mark.parametrize("case", STAYED, ids=lambda case: case.what)
def test_nights_in_hospital_count_in_no_share_and_prolong_what_was_bought(case: Stayed) -> None:
    found = adherence(made(case.bought, case.nights))
    expected = (case.left_out, 2, 60, case.covered, case.pdc)
    assert found["treatment", "A"] == expected
    assert found["class", "x"] == expected


def test_nights_in_hospital_are_days_like_others_where_that_is_asked() -> None:
    found = made("A 1-30 A 31-60", "10-14", hospital_days="ignore")
    assert adherence(found)["treatment", "A"] == (0, 2, 60, 60, 0.6)
    # What is held is what was bought, in either case.
    assert found.steps.fetchall() == made("A 1-30 A 31-60", "10-14").steps.fetchall()


def test_days_in_hospital_are_no_days_without_supply() -> None:
    """More than 90 days after what was bought nothing is left of it; nights in hospital are none of them."""
    apart: dict[str, Any] = {"last": 366, "reset_days": 5, "carry": "all"}
    # 30 days from day 1, then 20 more from day 11: 10 days are left over on day 31, used up on day 50.
    bought = "A 1-30 A 11-30 A 41-60"
    assert adherence(made(bought, **apart))["treatment", "A"][3] == 50 + 20 - 10
    assert adherence(made(bought, "31-40", **apart))["treatment", "A"][3] == 70


def test_a_stay_of_somebody_else_is_nobodys_here() -> None:
    other = _table([("", "10-14")]).set_column(0, "subject_id", pa.array([2], "int64"))
    found = oc.pathways(_table([("A", "1-30")]), _table([("", "1-100")]), hospital=other)
    assert adherence(found)["treatment", "A"][0] == 0


def test_a_stay_without_an_end_is_refused() -> None:
    stays = pa.table({"subject_id": [1], "start_date": [FIRST], "end_date": pa.nulls(1, "date32")})
    with pytest.raises(oc.OpenChronicError, match="hospital"):
        oc.pathways(_table([("A", "1-30")]), _table([("", "1-100")]), hospital=stays)


def test_curves_are_drawn_by_class_and_a_level_that_is_none_is_refused() -> None:
    found = made("A 1-100 B 101-200", last=366)
    assert found.persistence_curve(["x"], level="class").notes
    with pytest.raises(oc.OpenChronicError, match="level"):
        found.persistence_curve(level="dose")
    with pytest.raises(oc.OpenChronicError, match="pas un traitement"):
        found.persistence_curve(["A"], level="class")


def test_curves_of_classes_have_their_labels() -> None:
    exposures, cohort = (
        pa.concat_tables(
            table.set_column(0, "subject_id", pa.array([person] * table.num_rows, "int64"))
            for person in range(60)
        )
        for table in (_table([("A", "1-100"), ("C", "1-60")]), _table([("", "1-366")]))
    )
    found = replace(oc.pathways(exposures, cohort), class_labels={"x": "La classe x"})
    names = {name for name, *_ in found.persistence_curve(level="class").data.fetchall()}
    assert names == {"Tous traitements", "La classe x", "y"}
    assert "A" in {name for name, *_ in found.persistence_curve().data.fetchall()}
