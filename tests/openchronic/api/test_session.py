"""The functions of analysts: they use the right release, the same during a session, with errors in French."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import openchronic as oc
from openchronic.api import pinning
from tests.openchronic.front_door import build, built, openchronic
from tests.openchronic.small_delivery import ALICE, claim, plain, write
from tests.pace import patience

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"


@pytest.fixture
def place(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of releases with one base in service."""
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    return releases


def test_the_only_base_needs_no_name(place: Path) -> None:
    release = oc.release()
    assert (release.base, release.path.parent) == ("snds", place / "snds")
    assert "1 patients, 6 événements" in repr(release)
    assert "<table>" in release._repr_html_()
    with pytest.raises(AttributeError):
        release.id = "other"  # type: ignore[misc]


def test_several_bases_must_be_named(place: Path, delivery: Path) -> None:
    assert build(delivery, place, "--base", "annee").status == 0
    with pytest.raises(oc.OpenChronicError, match="plusieurs bases : annee, snds"):
        oc.release()
    assert oc.release("annee").base == "annee"
    with pytest.raises(oc.OpenChronicError, match="Pas de base « rien »"):
        oc.release("rien")


def test_no_release_is_said_in_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(tmp_path))
    with pytest.raises(oc.OpenChronicError, match="Aucune base Open Chronic"):
        oc.release()


def test_tables_are_views_and_relations(place: Path) -> None:
    connection = oc.connect()
    assert connection.execute("SELECT count(*) FROM event").fetchall() == [(6,)]
    assert oc.table("event").aggregate("count(*)").fetchall() == [(6,)]
    joined = connection.execute(
        "SELECT parent_code FROM event JOIN code USING (vocabulary, code) WHERE event_type = 'drug'"
    ).fetchall()
    assert joined == [("A10BA02",)]
    with pytest.raises(oc.OpenChronicError, match="pas de table « evenement »"):
        oc.table("evenement")


def test_a_publish_during_a_session_changes_no_answer(place: Path, delivery: Path) -> None:
    pinned = oc.release().name
    assert oc.table("cost").aggregate("count(*)").fetchall() == [(1,)]
    write(delivery, {CLAIMS: [claim(n, ALICE, "11/03/2021") for n in range(1, 4)]})
    built(delivery, place)
    assert oc.release().name != pinned
    count = "SELECT count(*) FROM cost"
    assert oc.connect().execute(count).fetchall() == [(1,)]
    assert oc.connect(release=oc.release()).execute(count).fetchall() == [(3,)]
    assert oc.connect(release=pinned).execute(count).fetchall() == [(1,)]
    assert oc.release(pinned).name == pinned


def test_the_connection_fits_the_profile(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEM_LIMIT", str(2 << 30))
    monkeypatch.setenv("CPU_LIMIT", "1.5")
    settings = "SELECT current_setting('memory_limit'), current_setting('threads')"
    ((memory, threads),) = oc.connect().execute(settings).fetchall()
    assert memory == "1.1 GiB"
    assert threads == 2


def test_releases_and_info_show_what_there_is(place: Path) -> None:
    env = {"OPENCHRONIC_RELEASES": str(place), "COLUMNS": "160"}
    listed = openchronic("releases", env=env)
    assert listed.status == 0
    assert f" *  {oc.release().name} " in listed.out
    shown = openchronic("info", env=env)
    assert shown.status == 0
    assert "diagnosis" in shown.out
    assert openchronic("info", "other", env=env).status == 1
    nothing = openchronic("releases", place / "nowhere")
    assert (nothing.status, "no release in" in nothing.err) == (1, True)


@pytest.mark.spark
def test_spark_and_duckdb_give_the_same_answer(place: Path) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed (extra `spark`)")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    script = (
        "import openchronic as oc; s = oc.spark(); "
        "print('answer', s.sql('SELECT count(*) FROM event').first()[0], "
        "s.table('event').where(\"event_type = 'drug'\").count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"OPENCHRONIC_MEMORY": str(2 << 30)},
        timeout=patience(300),
        check=False,
    )
    assert "answer 6 1" in done.stdout, done.stderr[-2000:]


def test_spark_without_its_extra_is_said_in_french(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(oc.OpenChronicError, match="Spark n'est pas installé"):
        oc.spark()


def test_a_small_delivery_needs_no_server(tmp_path: Path) -> None:
    assert built(write(tmp_path / "s", plain()), tmp_path / "r").is_dir()
