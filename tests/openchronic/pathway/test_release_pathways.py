"""Pathways of a release: what a session makes of the same exposures is what the build made; files are read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import openchronic as oc
from openchronic.api import pinning, treatments
from openchronic.models.pathways import MOST_NAMED
from openchronic.pathway.release_pathways import load_pathways, read_pathway
from openchronic.pathway.released import read_released
from tests.typography import faults

TABLES = ("steps", "paths", "shares", "adherence", "persistence")
TEXT = """name = "one"
fr = "Un parcours"
version = 1
status = "to_validate"
source = "nous"
definition = "diabetes"
follow_days = 365
[parameters]
max_gap_days = 60
[treatments.insulin]
fr = "Insuline"
ATC = ["A10A"]
not = ["A10AB"]
status = "to_validate"
"""


@pytest.fixture
def release(many_releases: Path, monkeypatch: pytest.MonkeyPatch) -> oc.Release:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(many_releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    return oc.release()


def test_a_session_makes_the_pathways_that_the_build_made(release: oc.Release) -> None:
    names = [one["name"] for one in release.manifest["pathways"]]
    assert names == [*load_pathways()]
    for name in names:
        read, made = oc.pathways(name), oc.pathways(name, max_gap_days=30)
        assert read.given.periods > 5
        for table in TABLES:
            assert _rows(read, table) == _rows(made, table), (name, table)
        # What nobody computed is made from the exposures of the release.
        assert sorted(map(str, read.lines.fetchall())) == sorted(map(str, made.lines.fetchall()))
    assert any(len(oc.pathways(name).steps.fetchall()) > 10 for name in names)


def test_figures_of_a_releases_pathway_have_french_labels(release: oc.Release) -> None:
    del release
    for made in (oc.pathways("diabetes"), oc.pathways("diabetes", max_gap_days=60)):
        assert made.labels["metformin"] == "Metformine"
        rows = made.adherence.project("level, treatment").fetchall()
        assert {name for level, name in rows if level == "treatment"} <= set(made.labels)
        assert {name for level, name in rows if level == "class"} == {"incretin"}
        assert made.class_labels == {"incretin": "Incrétine\u00a0: gliptine ou analogue du GLP-1"}


def test_figures_of_a_releases_pathway_say_how_sure_its_lists_are(release: oc.Release) -> None:
    del release
    said = "Parcours «\u00a0Antidiabétiques\u00a0», version 2\u00a0: à valider."
    assert faults(said) == []
    for made in (oc.pathways("diabetes"), oc.pathways("diabetes", max_gap_days=60)):
        for figure in (made.sankey(), made.sunburst(), made.persistence_curve()):
            assert said in figure.notes
            assert said in figure.svg


def test_the_classes_of_a_releases_pathway_are_those_of_its_manifest(release: oc.Release) -> None:
    (entry,) = [one for one in release.manifest["pathways"] if one["name"] == "heart_failure"]
    made = oc.pathways("heart_failure")
    for told in (made.adherence, made.persistence):
        classes = told.filter("level = 'class'").project("treatment").fetchall()
        assert {name for (name,) in classes} == {one["class"] for one in entry["treatments"]} - {""}


def test_nights_in_hospital_are_left_out_of_the_adherence_of_a_release(release: oc.Release) -> None:
    """Counted once more, from the stays."""
    con = oc.connect(release)
    nights = oc.hospital_nights(release).project("subject_id, start_date, end_date").fetchall()
    away: dict[int, set[int]] = {}
    for subject, first, last in nights:
        away.setdefault(subject, set()).update(range(first.toordinal(), last.toordinal() + 1))
    found = con.execute(
        """SELECT subject_id, start_date, end_date, days_left_out FROM adherence
            JOIN pathway USING (subject_id, pathway)"""
    ).fetchall()
    for subject, first, last, left_out in found:
        days = range(first.toordinal(), last.toordinal() + 1)
        assert left_out == sum(day in days for day in away.get(subject, ()))
    assert sum(left_out for *_, left_out in found) > 20


def test_a_release_of_before_classes_is_read_as_it_was_made(release: oc.Release) -> None:
    """Its tables have no level, and its parameters no nights in hospital: classes are made, and nothing else changes."""
    (entry,) = [one for one in release.manifest["pathways"] if one["name"] == "heart_failure"]
    old = {key: value for key, value in entry["parameters"].items() if key != "hospital_days"}
    con = duckdb.connect()
    now = oc.connect(release)
    for table in ("pathway", "pathway_step", "exposure", "adherence", "persistence", "stay"):
        rows = now.table(table).to_arrow_table()
        con.register(f"{table}_rows", rows)
        gone = [
            one for one in ("level", "days_left_out", "next_change") if one in rows.column_names
        ]
        kept = f"* EXCLUDE ({', '.join(gone)})" if gone else "*"
        con.execute(f"CREATE TABLE {table} AS SELECT {kept} FROM {table}_rows")  # noqa: S608 - our own names
    made = read_released(con, entry | {"parameters": old}, treatments._make)
    assert made.adherence.filter("days_left_out > 0").fetchall() == []
    assert {row[0] for row in made.persistence.project("level").fetchall()} == {
        *("all", "treatment", "class")
    }
    assert _rows(made, "steps") == _rows(oc.pathways("heart_failure"), "steps")


def test_other_parameters_make_other_pathways(release: oc.Release) -> None:
    del release
    read, made = oc.pathways("diabetes"), oc.pathways("diabetes", max_steps=1)
    assert max(row[4] for row in read.paths.fetchall()) > 1
    assert {row[4] for row in made.paths.fetchall()} == {0, 1}


def test_exposures_are_the_dispensings_of_the_period(release: oc.Release) -> None:
    """Counted once more, from events, with the classes that the manifest tells."""
    con = oc.connect(release)
    (entry,) = [one for one in release.manifest["pathways"] if one["name"] == "diabetes"]
    expected = set()
    for treatment in entry["treatments"]:
        starts = " OR ".join(
            f"starts_with(parent_code, '{one}')" for one in treatment["codes"]["ATC"]
        )
        query = f"""SELECT DISTINCT subject_id, event.start_date FROM event JOIN code USING (vocabulary, code)
            JOIN (FROM pathway WHERE pathway = 'diabetes') AS one USING (subject_id)
            WHERE event_type IN ('drug', 'hospital_drug') AND ({starts})
                AND event.start_date BETWEEN one.start_date AND one.end_date"""  # noqa: S608 - of this test
        expected |= {(treatment["name"], *row) for row in con.execute(query).fetchall()}
    found = con.execute(
        "SELECT treatment, subject_id, start_date FROM exposure WHERE pathway = 'diabetes'"
    ).fetchall()
    assert len(found) > 100
    assert set(found) == expected
    assert len(found) == len(expected)


def test_periods_begin_with_an_onset_that_was_observed(release: oc.Release) -> None:
    con = oc.connect(release)
    wrong = con.execute(
        """SELECT count(*) FROM pathway AS one LEFT JOIN disease_onset AS onset
            ON onset.subject_id = one.subject_id AND onset.definition = one.pathway AND onset.onset_date = one.start_date
                AND onset.incidence = one.incidence
        LEFT JOIN observation_period AS seen ON seen.subject_id = one.subject_id
            AND seen.start_date <= one.start_date AND seen.end_date >= one.end_date
        WHERE onset.subject_id IS NULL OR seen.subject_id IS NULL OR one.end_date - one.start_date >= 1095"""
    ).fetchall()
    left = con.execute(
        """SELECT count(*) FROM disease_onset AS onset JOIN observation_period AS seen USING (subject_id)
        WHERE definition = 'copd' AND onset_date BETWEEN seen.start_date AND seen.end_date
            AND subject_id NOT IN (SELECT subject_id FROM pathway WHERE pathway = 'copd')"""
    ).fetchall()
    assert wrong == left == [(0,)]


def test_a_pathway_that_the_release_has_not_is_said(release: oc.Release) -> None:
    del release
    with pytest.raises(oc.OpenChronicError, match=r"vouliez-vous dire diabetes\s\?"):
        oc.pathways("diabete")
    with pytest.raises(oc.OpenChronicError, match="il y a atrial_fibrillation, copd"):
        oc.pathways("dragon")
    with pytest.raises(oc.OpenChronicError, match="qui a sa cohorte"):
        oc.pathways("copd", duckdb.sql("SELECT 1"))


def test_the_shipped_files_say_what_is_to_be_validated() -> None:
    for one in load_pathways().values():
        assert one.status == "to_validate"
        assert one.source
        assert len(one.treatments) <= MOST_NAMED
        assert len(one.meaning) == 64


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('fr = "Un', 'colour = "red"\nfr = "Un', "one.toml, line 2: unknown key colour"),
        ('"one"', '"two"', "one.toml, line 1: name is that of the file"),
        ('"diabetes"', '"diabete"', "line 6: definition: no definition is named 'diabete'"),
        ('status = "to_validate"\nsource', 'status = "sourced"\nsource', "line 4: status: that of its worst list is to_validate"),
        ("max_gap_days", "max_gap", "line 8: max_gap is no parameter: did you mean max_gap_days?"),
        ("max_gap_days = 60", "max_steps = 90", "line 8: max_steps is 10 at most"),
        ('["A10A"]', '["10A"]', "line 12: '10A' is no beginning of a code of ATC"),
        ('["A10A"]', '["A10A", "A10A"]', "line 12: ATC: a code is there twice"),
        ('["A10AB"]', '["C09"]', "line 13: not: 'C09' begins like no code of the treatment"),
        ('not = ["A10AB"]', 'class = "one"', "has a French label for each class of a treatment, and no other: one"),
        ("[treatments.insulin]", '[classes]\none = "Un"\n[treatments.insulin]', "line 10: [classes] has a French label for each class of a treatment, and no other: one"),
        ("treatments.insulin", "treatments.Insulin", "small letters, digits and _"),
        ("follow_days = 365", "follow_days = 0", "version and follow_days are whole numbers from 1"),
        ("365\n", "365\nfollow_days = 3\n", "not TOML"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(before: str, after: str, told: str) -> None:
    assert read_pathway("one.toml", TEXT).parameters.sets[0]["max_gap_days"] == 60
    with pytest.raises(ValueError) as refused:
        read_pathway("one.toml", TEXT.replace(before, after, 1))
    assert told in str(refused.value)


def _rows(made: Any, table: str) -> list[str]:
    """Give the rows of a table, in any order: identifiers are numbers in one and text in the other."""
    relation = getattr(made, table)
    columns = [
        one for one in relation.columns if one not in ("incidence", "start_date", "end_date")
    ]
    rows = relation.project(", ".join(columns)).fetchall()
    return sorted("|".join(map(str, row)) for row in rows)
