"""Sequences of care in a session: hand-made lives, the shapes of other tools, a site's own nodes, errors in French."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.care import Care, care_of, read_nodes

D = date
# Of each: its facts (day, place in the day, type, setting, specialty, flags), stays (setting, first and last day), death.
LIVES: dict[str, tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], date | None]] = {
    "who is seen twice": (
        [
            (D(2020, 1, 11), 1, "visit", "city", "1", None),
            (D(2020, 1, 11), 2, "biology", "city", "A30", None),
            (D(2020, 1, 21), 1, "visit", "city", "22", None),
            (D(2020, 1, 25), 1, "visit", "city", "23", None),
            (D(2020, 2, 4), 1, "visit", "outpatient_hospital", "1", "regularised,emergency"),
            (D(2020, 2, 4), 2, "stay", "mco", None, None),
            (D(2020, 2, 4), 3, "diagnosis", "mco", None, None),
            (D(2020, 5, 1), 1, "visit", "city", "1", None),
        ],
        [("mco", D(2020, 2, 4), D(2020, 2, 20))],
        None,
    ),
    "who is never seen": ([], [], None),
    # Of 29 days from 31 January on, 14 in a stay, 15 not; of those from 1 March on, as many of both.
    "who was as long in hospital as at home": (
        [],
        [("mco", D(2020, 2, 1), D(2020, 2, 14)), ("ssr", D(2020, 3, 1), D(2020, 3, 15))],
        None,
    ),
    "who dies": ([(D(2020, 2, 1), 9, "death", None, None, None)], [("psy", D(2020, 1, 2), D(2020, 3, 1))], D(2020, 2, 1)),
}  # fmt: skip
PERIODS = [
    (1, D(2020, 1, 1), D(2020, 3, 31)),
    (2, D(2020, 1, 1), D(2020, 3, 31)),
    (3, D(2020, 1, 31), D(2020, 3, 30)),
    (4, D(2020, 1, 1), D(2020, 3, 31)),
]
HAND = dict(zip(LIVES, range(1, 5), strict=True))


@pytest.fixture
def hand(tmp_path: Path) -> Care:
    connection = duckdb.connect()
    connection.execute(
        """CREATE TABLE event (subject_id BIGINT, start_date DATE, end_date DATE, order_in_day INTEGER, event_id VARCHAR,
            event_type VARCHAR, care_setting VARCHAR, provider_specialty VARCHAR, vocabulary VARCHAR, code VARCHAR,
            flags VARCHAR);
        CREATE TABLE stay (subject_id BIGINT, care_setting VARCHAR, start_date DATE, end_date DATE, last_seen_date DATE,
            is_session BOOLEAN, care_form VARCHAR);
        CREATE TABLE patient (subject_id BIGINT, death_date DATE);
        CREATE TABLE code (vocabulary VARCHAR, code VARCHAR, parent_vocabulary VARCHAR, parent_code VARCHAR)"""
    )
    for subject, (facts, stays, death) in enumerate(LIVES.values(), start=1):
        connection.execute("INSERT INTO patient VALUES (?, ?)", [subject, death])
        for n, (day, place, kind, setting, specialty, flags) in enumerate(facts):
            row = [
                subject,
                day,
                day,
                place,
                f"{subject}-{n}",
                kind,
                setting,
                specialty,
                None,
                None,
                flags,
            ]
            connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        for setting, first, last in stays:
            row = [subject, setting, first, last, last, False, None]
            connection.execute("INSERT INTO stay VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    cohort = pa.Table.from_pylist(
        [{"subject_id": s, "start_date": first, "end_date": last} for s, first, last in PERIODS]
    )
    return care_of(
        connection, cohort, read_nodes(), collapse_repeats=True, place=tmp_path, memory=10**9
    )  # fmt: skip


def test_contacts_of_one_node_are_one(hand: Care) -> None:
    told = [(row[3], row[4], row[5], row[7]) for row in hand.contacts.fetchall() if row[0] == 1]
    assert told == [
        ("gp", D(2020, 1, 11), D(2020, 1, 11), 1),
        ("laboratory", D(2020, 1, 11), D(2020, 1, 11), 1),
        ("gp", D(2020, 1, 21), D(2020, 1, 25), 2),
        ("emergency", D(2020, 2, 4), D(2020, 2, 4), 1),
        ("mco", D(2020, 2, 4), D(2020, 2, 4), 1),
    ]


def test_the_graph_counts_from_start_to_end(hand: Care) -> None:
    assert set(hand.flow.fetchall()) == {
        ("START", "gp", 1, 1, 10.0),
        ("gp", "laboratory", 1, 1, 0.0),
        ("laboratory", "gp", 1, 1, 10.0),
        ("gp", "emergency", 1, 1, 10.0),
        ("emergency", "mco", 1, 1, 0.0),
        ("mco", "END", 1, 1, 56.0),
        # Of 90 days and of 59.
        ("START", "END", 2, 2, 74.5),
        ("START", "death", 1, 1, 31.0),
        ("death", "END", 1, 1, 59.0),
    }


def test_a_month_has_the_state_of_most_days_and_the_first_of_as_many(hand: Care) -> None:
    assert hand.sts.project("subject_id, month_1, month_2, month_3").fetchall() == [
        (1, "home", "mco", "home"),
        (2, "home", "home", "home"),
        # A month from the 31st ends before 1 March, the next one before 31 March.
        (3, "home", "ssr", None),
        (4, "psy", "death", "death"),
    ]
    assert [row[0] for row in hand.sequences.fetchall()] == [
        *("(home,1)-(mco,1)-(home,1)", "(home,1)-(ssr,1)", "(home,3)", "(psy,1)-(death,2)")
    ]


def test_spells_touch_and_hold_every_month(hand: Care) -> None:
    columns = hand.spells.columns
    assert columns == [*("id", "subject_id", "period_no", "begin", "end", "status"), *("first_day", "day_after")]  # fmt: skip
    rows = [dict(zip(columns, row, strict=True)) for row in hand.spells.fetchall()]
    for before, after in pairwise(rows):
        if before["id"] == after["id"]:
            assert (before["end"] + 1, before["day_after"]) == (after["begin"], after["first_day"])
            assert before["status"] != after["status"]
    assert sum(row["end"] - row["begin"] + 1 for row in rows) == len(hand.states.fetchall()) == 11


@pytest.fixture
def release(synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    monkeypatch.setattr(pinning, "_pinned", {})


def _cohort() -> duckdb.DuckDBPyRelation:
    return oc.connect().sql(
        "SELECT subject_id, DATE '2017-01-01' AS start_date, DATE '2018-06-30' AS end_date FROM patient"
    )


@pytest.mark.usefixtures("release")
def test_a_release_has_sequences_and_writes_them_in_every_shape(tmp_path: Path) -> None:
    care = oc.care(_cohort())
    assert care.strangers == 0
    starts = [row for row in care.flow.fetchall() if row[0] == "START"]
    assert sum(row[2] for row in starts) == care.periods == care.subjects > 50
    assert {"gp", "pharmacy", "nurse", "mco", "emergency"} <= {
        row[0] for row in care.flow.fetchall()
    }
    assert care.sts.columns == [
        "id",
        "subject_id",
        "period_no",
        *(f"month_{n}" for n in range(1, 19)),
    ]
    apart = oc.care(_cohort(), collapse_repeats=False)
    assert len(apart.contacts.fetchall()) > len(care.contacts.fetchall())
    files = care.write(tmp_path / "out")
    assert [file.name for file in files] == [
        *("contacts.csv", "event_log.csv", "flow.csv", "sequences.csv", "spells.csv", "states.csv", "sts.csv")
    ]  # fmt: skip
    assert files[1].read_text().splitlines()[0] == (
        "case:concept:name,concept:name,time:timestamp,end_timestamp,n_facts"
    )
    assert len(files[-1].read_text().splitlines()) == care.periods + 1


@pytest.mark.usefixtures("release")
def test_a_site_has_nodes_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "nodes.csv"
    file.write_text(
        "priority,node,event_type,vocabulary,prefix\n2,drug,drug,,\n1,metformin,drug,ATC,A10BA02\n"
    )
    care = oc.care(_cohort(), nodes=file)
    found = dict(care.contacts.aggregate("node, sum(n_facts)").fetchall())
    con = oc.connect()
    told = con.execute(
        """SELECT coalesce(parent_code = 'A10BA02', FALSE), count(*) FROM event LEFT JOIN code USING (vocabulary, code)
        WHERE event_type = 'drug' AND start_date BETWEEN DATE '2017-01-01' AND DATE '2018-06-30' GROUP BY ALL"""
    ).fetchall()
    assert found == {
        {True: "metformin", False: "drug"}[is_metformin]: n for is_metformin, n in told
    }
    assert len(found) == 2


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("node,event_type\n", r"ligne 1\s: il manque priority"),
        ("priority,node,event_type\n", r"aucun nœud ne suit"),
        ("priority,node,event_typ,event_type\n", r"vouliez-vous dire event_type\s\?"),
        ("priority,node,event_type\n1,gp,visits\n", r"ligne 2\s: .*vouliez-vous dire visit\s\?"),
        ("priority,node,event_type\n1,gp,visit\n1,gp,drug\n", r"priority 1 y est deux fois"),
        ("priority,node,event_type\nx,gp,visit\n", r"un nombre entier"),
        ("priority,node,event_type\n1,start,visit\n", r"ni start ni end"),
        ("priority,node,event_type,prefix\n1,gp,visit,A10\n", r"vocabulary et prefix vont ensemble"),
        ("priority,node,event_type\n1,gp\n", r"autant de cellules"),
    ],
)  # fmt: skip
def test_a_wrong_node_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "nodes.csv").write_text(text)
    with pytest.raises(oc.OpenChronicError, match=told):
        oc.care(_cohort(), nodes=tmp_path / "nodes.csv")


@pytest.mark.usefixtures("release")
def test_a_wrong_cohort_is_refused_and_an_empty_one_is_not() -> None:
    day = [date(2018, 1, 1)]
    wrong = pa.table({"subject_id": ["x"], "start_date": day, "end_date": day})
    with pytest.raises(oc.OpenChronicError, match="ligne 1 a un subject_id"):
        oc.care(wrong)
    stranger = pa.table({"subject_id": [1], "start_date": day, "end_date": day})
    assert oc.care(stranger).strangers == 1
    nobody = oc.care(stranger.slice(0, 0))
    assert [len(getattr(nobody, one).fetchall()) for one in ("flow", "contacts", "sts")] == [
        0,
        0,
        0,
    ]
    assert nobody.sts.columns == ["id", "subject_id", "period_no"]
