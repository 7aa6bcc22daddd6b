"""One person's timeline: every fact of the release on its lane and its day, in the session alone."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.figures import Figure
from openchronic.figures.lanes import LANES, Fact, lanes_of
from openchronic.models.release.event_types import load_event_types
from tests.openchronic.figures.drawn import SVG, parsed, rows, texts
from tests.typography import faults

ADDED = ("circle", "rect")


@pytest.fixture
def release(synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    monkeypatch.setattr(pinning, "_pinned", {})


def ill() -> int:
    """Who has the most kinds of care."""
    query = """SELECT subject_id FROM event GROUP BY 1
        ORDER BY count(DISTINCT concat(event_type, care_setting)) DESC, 1 LIMIT 1"""
    ((subject,),) = oc.connect().execute(query).fetchall()
    return int(subject)


def marks(figure: Figure) -> list[str]:
    """Returns what each point or bar says."""
    return [
        one.findtext(f"{SVG}title") or ""
        for tag in ADDED
        for one in parsed(figure).iter(f"{SVG}{tag}")
        if one.find(f"{SVG}title") is not None
    ]


@pytest.mark.usefixtures("release")
def test_its_rows_are_those_of_the_release() -> None:
    subject = ill()
    figure = oc.timeline(subject)
    wanted = oc.connect().execute(
        "SELECT event_id FROM event WHERE subject_id = ? ORDER BY ALL", [subject]
    )
    assert sorted(one["event_id"] for one in rows(figure)) == [row[0] for row in wanted.fetchall()]
    assert {one["subject_id"] for one in rows(figure)} == {subject}


def test_one_subject_opens_its_own_bucket_only(
    synthetic_releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "releases"
    shutil.copytree(synthetic_releases, copied, symlinks=True)
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(copied))
    monkeypatch.setattr(pinning, "_pinned", {})
    of_first, of_second = (
        oc.connect().execute("SELECT min(subject_id) FROM event WHERE subject_id % 2 = ?", [one])
        for one in (0, 1)
    )
    ((first,),), ((second,),) = of_first.fetchall(), of_second.fetchall()
    whole = rows(oc.timeline(first))
    # The other bucket's files are there, and none of them can be read.
    for file in (copied / "snds" / "current").glob("*/bucket=01/*"):
        file.write_bytes(b"no Parquet")
    assert rows(oc.timeline(first)) == whole != []
    with pytest.raises(duckdb.Error, match="bucket=01"):
        oc.timeline(second)
    with pytest.raises(duckdb.Error, match="bucket=01"):
        oc.connect().execute("FROM event WHERE subject_id = ?", [first]).fetchall()


@pytest.mark.usefixtures("release")
def test_every_day_of_care_is_drawn_on_the_lane_of_its_kind() -> None:
    subject = ill()
    figure = oc.timeline(subject)
    con = oc.connect()
    (span,) = con.execute(
        "SELECT min(start_date), max(end_date) FROM observation_period WHERE subject_id = ?",
        [subject],
    ).fetchall()
    days = con.execute(
        "SELECT count(DISTINCT start_date) FROM event WHERE subject_id = ? AND event_type = 'visit' "
        "AND start_date BETWEEN ? AND ?",
        [subject, *span],
    ).fetchall()[0][0]
    said = figure.description
    assert f"Consultations\u00a0: {days}\u00a0jours." in said
    assert "Consultations" in texts(figure)
    drawn = marks(figure)
    assert len(drawn) > days
    assert len([one for one in drawn if one.endswith("Sous observation")]) == 1
    for said in drawn:
        assert faults(said.partition("\u00a0: ")[0] + ".") == []


@pytest.mark.usefixtures("release")
def test_days_limit_what_is_drawn_and_not_the_rows() -> None:
    subject = ill()
    whole, part = (
        oc.timeline(subject),
        oc.timeline(subject, since="2017-03-01", until=date(2017, 4, 30)),
    )
    assert rows(part) == rows(whole)
    assert 0 < len(marks(part)) < len(marks(whole))
    assert "Du 01/03/2017 au 30/04/2017." in texts(part)


@pytest.mark.usefixtures("release")
def test_what_it_says_is_typeset_in_french_and_marks_it_as_individual() -> None:
    figure = oc.timeline(ill())
    every = [figure.title, figure.description, *figure.notes, *texts(figure)]
    assert [fault for one in every for fault in faults(one)] == []
    assert any("ne sort pas du serveur" in one for one in texts(figure))


@pytest.mark.usefixtures("release")
def test_it_is_written_only_when_asked_for_as_individual_data(tmp_path: Path) -> None:
    figure = oc.timeline(ill())
    with pytest.raises(oc.OpenChronicError, match="individual=True"):
        figure.save(tmp_path / "sujet.svg")
    assert not (tmp_path / "sujet.svg").exists()
    assert figure.save(tmp_path / "sujet.svg", individual=True).exists()


@pytest.mark.usefixtures("release")
def test_every_subject_has_a_timeline() -> None:
    subjects = oc.connect().execute("SELECT subject_id FROM patient ORDER BY 1 LIMIT 12").fetchall()
    for (subject,) in subjects:
        assert parsed(oc.timeline(subject)).tag == f"{SVG}svg"


@pytest.mark.usefixtures("release")
def test_wrong_calls_say_what_to_do() -> None:
    with pytest.raises(oc.OpenChronicError, match="pas de sujet 12"):
        oc.timeline(12)
    with pytest.raises(oc.OpenChronicError, match="nombre entier"):
        oc.timeline("douze")  # type: ignore[arg-type]
    with pytest.raises(oc.OpenChronicError, match="un jour comme"):
        oc.timeline(ill(), since="hier")
    with pytest.raises(oc.OpenChronicError, match="avant le premier jour"):
        oc.timeline(ill(), since="2018-01-02", until="2018-01-01")


def test_every_type_of_event_has_its_lane() -> None:
    assert {kind for kind, *_ in LANES} == set(load_event_types()) - {"birth"}


def test_each_fact_is_on_one_lane_and_rare_drugs_share_theirs() -> None:
    facts = [
        Fact("drug", "city", date(2020, 1, day + 1), date(2020, 1, day + 1), "x", f"A{rank:02}BX")
        for rank in range(1, 12)
        for day in range(rank)
    ]
    facts += [
        Fact(kind, setting, date(2020, 1, 1), date(2020, 1, 1), "x") for kind, setting, _ in LANES
    ]
    lanes = lanes_of(facts)
    assert sum(map(len, lanes.values())) == len(facts)
    classes = [name for name in lanes if name.startswith("Médicaments A")]
    assert classes == [f"Médicaments A{rank:02}B" for rank in range(4, 12)]
    assert len(lanes["Autres médicaments"]) == 1 + 2 + 3 + 1
