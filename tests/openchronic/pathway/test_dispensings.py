"""Dispensings of a release become exposures, and these pathways; what no code means is refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.pathway.dispensings import Rule, exposures_of
from tests.openchronic.pathway import dispensed

# A10BA02 is metformin, A10A insulins.
TREATMENTS = {"insuline": ["A10A"], "metformine": "a10ba02"}


@pytest.fixture
def release(synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    monkeypatch.setattr(pinning, "_pinned", {})


DAY = date(2020, 1, 1)
METFORMIN = {"M": "A10B"}


def found(connection: duckdb.DuckDBPyConnection, rule: Rule, **more: Any) -> list[tuple[Any, ...]]:
    """Give subject, first day and days of each exposure."""
    rows = exposures_of(connection, METFORMIN, rule, **more).fetchall()
    return sorted((row[0], row[2], (row[3] - row[2]).days + 1) for row in rows)


def test_a_day_counts_once_by_its_largest_pack_and_hospital_drugs_one_day() -> None:
    march = date(2020, 3, 1)
    connection = dispensed.release(
        [
            *((1, "drug", "CIP13", code, DAY, 1) for code in ("small", "large", "other")),
            *[(1, "drug", "CIP13", "unknown", march, 1)] * 2,
            (2, "hospital_drug", "UCD", "0000001", march, 3),
            (2, "device", "CIP13", "small", date(2020, 3, 2), 1),
            (2, "drug", "CIP13", "small", None, 1),
        ]
    )
    assert found(connection, Rule()) == [(1, DAY, 90), (1, march, 30), (2, march, 1)]


def test_packs_of_a_day_count_each_where_that_is_asked() -> None:
    connection = dispensed.release(
        [
            (1, "drug", "CIP13", "small", DAY, 2),
            (1, "drug", "CIP13", "large", DAY, 1),
            (2, "drug", "CIP13", "small", DAY, 14, "regularised,by_unit"),
            (3, "drug", "CIP13", "small", DAY, None),
            (4, "hospital_drug", "UCD", "0000001", DAY, 9),
        ]
    )
    told = found(connection, Rule(per="pack"))
    assert told == [(1, DAY, 150), (2, DAY, 30), (3, DAY, 30), (4, DAY, 1)]


def test_refills_last_as_long_as_four_in_five_take_to_come_back() -> None:
    """Of ten gaps of 20 to 29 days the eighth is 27; a treatment that nobody buys twice counts by its packs."""
    events = []
    for subject, gap in enumerate(range(20, 30)):
        events += dispensed.packs(DAY, DAY + timedelta(gap), subject=subject)
        # Two packs of one day are no gap.
        events += dispensed.packs(DAY, subject=subject, code="large")
    connection = dispensed.release([*events, *dispensed.packs(DAY, code="insulin")])
    rows = exposures_of(
        connection, {"M": "A10B", "I": "A10A"}, Rule(method={"M": "refill"}, days=40)
    ).fetchall()
    assert {(row[1], (row[3] - row[2]).days + 1) for row in rows} == {("M", 27), ("I", 40)}
    assert len(rows) == 21


def test_doses_are_units_by_their_strength_over_the_daily_dose() -> None:
    connection = dispensed.release(dispensed.packs(DAY))
    doses = {"code": ["small", "large", "unknown", "0000001"], "units": [60, 1, 1, 1]}
    table = pa.table(doses | {"strength": [500.0] * 4, "daily_dose": [1800.0] * 4})
    assert found(connection, Rule(method="dose"), doses=table) == [(1, DAY, 17)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (None, "La méthode dose demande doses"),
        ({"units": None}, "il manque units"),
        ({"units": [0, 1, 1, 1]}, "la ligne 1 doit avoir un code"),
        ({"code": ["small", "small", "unknown", "0000001"]}, "la ligne 1 doit avoir un code"),
        ({"code": ["small", "large", "x", "y"]}, "2 codes de la version n’y ont pas de dose (0000001, unknown)"),
    ],
)  # fmt: skip
def test_doses_that_are_none_are_refused(change: dict[str, Any] | None, told: str) -> None:
    doses = {"code": ["small", "large", "unknown", "0000001"], "units": [60, 1, 1, 1]}
    doses |= {"strength": [500] * 4, "daily_dose": [1800] * 4}
    given = doses | (change or {})
    table = pa.table({name: cells for name, cells in given.items() if cells is not None})
    with pytest.raises(oc.OpenChronicError) as refused:
        found(
            dispensed.release(dispensed.packs(DAY)),
            Rule(method="dose"),
            doses=None if change is None else table,
        )
    assert told in str(refused.value)


def test_nights_in_hospital_are_ignored_prolong_or_are_covered() -> None:
    """An exposure of 1 to 30 January, and another; stays of 11 to 16 January, of two that touch, and of which none counts."""
    stays = [
        (1, "mco", date(2020, 1, 11), date(2020, 1, 14)),
        (1, "ssr", date(2020, 1, 14), date(2020, 1, 16)),
        (1, "mco", date(2020, 1, 29), date(2020, 2, 4)),
        (1, "had", date(2020, 1, 20), date(2020, 1, 25)),
        (1, "mco", date(2020, 1, 20), date(2020, 1, 25), True),
        (1, "psy", date(2020, 1, 20), date(2020, 1, 25), False, "2"),
        (1, "mco", date(2020, 6, 1), date(2020, 6, 20)),
    ]
    events = dispensed.packs(DAY)
    asked = {
        one: found(dispensed.release(events, stays), Rule(hospital_days=one))
        for one in ("ignore", "extend", "cover")
    }
    assert asked == {
        "ignore": [(1, DAY, 30)],
        # Five nights, and those of 29 and 30 January.
        "extend": [(1, DAY, 37)],
        "cover": [(1, DAY, 30), (1, date(2020, 1, 11), 5), (1, date(2020, 1, 29), 6)],
    }


@pytest.mark.parametrize(
    "rule",
    [Rule(per="box"), Rule(method="magic"), Rule(method={"x": "pack"}), Rule(hospital_days="no")],
)
def test_a_rule_that_is_none_is_refused(rule: Rule) -> None:
    with pytest.raises(oc.OpenChronicError, match="n’est pas l’un de"):
        found(dispensed.release([]), rule)


@pytest.mark.usefixtures("release")
def test_exposures_of_a_release_are_those_counted_by_hand() -> None:
    expected = set()
    rows = oc.connect().execute(
        """SELECT subject_id, start_date, parent_code, is_large_pack, event_type
        FROM event JOIN code USING (vocabulary, code) WHERE event_type IN ('drug', 'hospital_drug')"""
    )
    longest: dict[tuple[int, str, date], int] = {}
    for subject, day, atc, is_large, kind in rows.fetchall():
        for name, begins in (("insuline", "A10A"), ("metformine", "A10BA02")):
            if (atc or "").startswith(begins):
                days = 1 if kind == "hospital_drug" else 84 if is_large else 28
                key = (subject, name, day)
                longest[key] = max(days, longest.get(key, 0))
    expected = {(*key, key[2] + timedelta(days - 1)) for key, days in longest.items()}
    found = oc.exposures(TREATMENTS, days=28, days_large=84).fetchall()
    assert len(found) > 50
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.usefixtures("release")
def test_exposures_of_a_release_have_pathways() -> None:
    con = oc.connect()
    (first, last) = con.execute(
        "SELECT min(start_date), max(start_date) FROM event WHERE event_type = 'drug'"
    ).fetchall()[0]
    cohort = con.sql(
        "SELECT subject_id, CAST(? AS DATE) AS start_date, CAST(? AS DATE) AS end_date FROM patient",
        params=[first, last],
    )
    shares = oc.pathways(oc.exposures(TREATMENTS), cohort).shares.fetchall()
    ((patients,),) = con.execute("SELECT count(*) FROM patient").fetchall()
    assert sum(row[2] for row in shares) == patients
    assert {"insuline", "metformine"} <= {
        part for row in shares for step in row[1].split("-") for part in step.split("+")
    }


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("treatments", "told"),
    [
        ({"x": "A10ZZ"}, "ATC:A10ZZ : aucun code de la version ne commence ainsi"),
        ({"x": "CIM10:E11"}, "le début d’une classe ATC"),
        ({"x": "A10'; DROP"}, "le début d’une classe ATC"),
        ({"a-b": "A10"}, "ne contient ni + ni -"),
    ],
)
def test_what_no_code_means_is_refused(treatments: dict[str, str], told: str) -> None:
    with pytest.raises(oc.OpenChronicError) as refused:
        oc.exposures(treatments)
    assert told.replace(" :", "\u00a0:") in str(refused.value)
