"""Dispensings of a release become exposures, and these pathways; what no code means is refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.engines.specs import DUCKDB, functions
from openchronic.models.pathways import dispensed_exposure
from openchronic.models.query import query_of

# A10BA02 is metformin, A10A insulins.
TREATMENTS = {"insuline": ["A10A"], "metformine": "a10ba02"}


@pytest.fixture
def release(synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    monkeypatch.setattr(pinning, "_pinned", {})


def test_a_day_counts_once_by_its_largest_pack_and_hospital_drugs_one_day() -> None:
    connection = duckdb.connect()
    for statement in functions(DUCKDB):
        connection.execute(statement)
    connection.execute(
        """CREATE TABLE code AS FROM (VALUES ('CIP13', 'small', 'ATC', 'A10BA02', FALSE),
            ('CIP13', 'large', 'ATC', 'A10BA02', TRUE), ('CIP13', 'unknown', 'ATC', 'A10BA02', NULL),
            ('UCD', '0000001', 'ATC', 'A10BA02', NULL), ('CIP13', 'other', 'ATC', 'C09AA01', TRUE))
            AS one(vocabulary, code, parent_vocabulary, parent_code, is_large_pack);
        CREATE TABLE event AS FROM (VALUES (1, 'drug', 'CIP13', 'small', DATE '2020-01-01'),
            (1, 'drug', 'CIP13', 'large', DATE '2020-01-01'), (1, 'drug', 'CIP13', 'other', DATE '2020-01-01'),
            (1, 'drug', 'CIP13', 'unknown', DATE '2020-03-01'), (1, 'drug', 'CIP13', 'unknown', DATE '2020-03-01'),
            (2, 'hospital_drug', 'UCD', '0000001', DATE '2020-03-01'), (2, 'device', 'CIP13', 'small', DATE '2020-03-02'),
            (2, 'drug', 'CIP13', 'small', NULL))
            AS one(subject_id, event_type, vocabulary, code, start_date);
        CREATE TABLE treatment_prefix AS SELECT 'M' AS treatment, 'ATC' AS vocabulary, 'A10B' AS prefix"""
    )
    query = query_of(dispensed_exposure(days=30, days_large=90, days_hospital=1), judge="")
    assert connection.execute(f"{query} ORDER BY ALL").fetchall() == [
        (1, "M", date(2020, 1, 1), date(2020, 3, 30)),
        (1, "M", date(2020, 3, 1), date(2020, 3, 30)),
        (2, "M", date(2020, 3, 1), date(2020, 3, 1)),
    ]


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
