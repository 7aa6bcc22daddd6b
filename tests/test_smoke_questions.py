"""The smoke test's count of events: it finds each type in a base of invented data, and names a missing one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from openchronic.dictionary import event_types
from tests.openchronic.front_door import one_year_release
from tests.smoke.questions import SCRIPT, silent

BASE = "snds"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the releases of a base of 300 invented patients; a test must copy them before it changes them."""
    return one_year_release(tmp_path_factory).parents[1]


def answers(releases: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give the output of the script in a session that reads ``releases``."""
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    session: dict[str, Any] = {}
    exec(SCRIPT, session)  # noqa: S102 - our own text, as a session runs it
    found: dict[str, Any] = session["events_of"](BASE)
    return found


def test_a_made_up_base_answers_for_every_type_that_the_dictionary_declares(
    releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = answers(releases, monkeypatch)
    assert found["declared"] == found["known"] == list(event_types())
    assert silent(found, has_all=True) == []


def test_a_type_that_is_lost_is_named(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(releases, tmp_path / "releases", symlinks=True)
    lost = 0
    for path in (copy / BASE / "current").resolve().glob("event/**/*.parquet"):
        with duckdb.connect() as connection:
            connection.read_parquet(str(path), hive_partitioning=False).create_view("old")
            kept = "FROM old WHERE event_type <> 'device'"
            lost += connection.execute(
                "SELECT count(*) FROM old WHERE event_type = 'device'"
            ).fetchall()[0][0]
            connection.execute(f"COPY ({kept}) TO '{path}.new' (FORMAT parquet)")
        Path(f"{path}.new").replace(path)
    assert silent(answers(copy, monkeypatch), has_all=True) == [
        "device: no event",
        f"device: 0 events, and {lost:,} when it was built",
    ]


def test_a_real_base_need_not_have_every_type() -> None:
    types = ["drug", "stay"]
    found = {"declared": types, "known": types, "counted": {"drug": 3}, "told": {"drug": 3}}
    assert silent(found, has_all=False) == []
    assert silent(found, has_all=True) == ["stay: no event"]
    assert silent(found | {"known": ["drug"]}, has_all=True) == []
    found["counted"] = {"drug": 3, "dream": 1}
    assert silent(found, has_all=False) == ["dream: not in the dictionary"]
