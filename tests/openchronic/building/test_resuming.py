"""A killed build goes on after the last step that it had finished, and ends as if nothing had happened."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.front_door import build, built

# Python for the build's own process: it is killed at the end of a part; or when all of that is written
# and only the note that it is finished is not.
KILL = """
import os, signal
from openchronic.building.finished import Finished
once = Finished.once
def stop(self, part, make):
    def work():
        result = make()
        if part.startswith({part!r}) and {midway}:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    result = once(self, part, work)
    if part.startswith({part!r}):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
Finished.once = stop
"""
SAID = re.compile(r"a killed build had finished (\d+) parts: going on from there")


def manifest(release: Path) -> dict[str, Any]:
    return dict(json.loads((release / "manifest.json").read_text()))


@pytest.fixture(scope="module")
def unbroken(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest of a build that nothing stopped."""
    return manifest(built(synthetic, tmp_path_factory.mktemp("unbroken")))


@pytest.mark.parametrize(
    ("part", "midway", "least"),
    [("people", False, 1), ("claims", True, 1), ("ssr", True, 4), ("events-1", False, 15)],
)
def test_a_killed_build_goes_on_and_makes_the_same_bytes(
    synthetic: Path, releases: Path, unbroken: dict[str, Any], part: str, midway: bool, least: int
) -> None:
    killed = build(synthetic, releases, before=KILL.format(part=part, midway=midway))
    assert killed.status == -signal.SIGKILL
    resumed = build(synthetic, releases)
    assert resumed.status == 0, resumed.text
    found = SAID.search(resumed.err)
    assert found
    assert int(found[1]) >= least
    made = manifest((releases / "snds" / "current").resolve())
    same = ("tables", "accounts", "filters", "identity", "events", "regularised", "checks")
    assert {name: made[name] for name in same} == {name: unbroken[name] for name in same}
    assert not (releases / "snds" / ".work").exists()


def test_what_was_finished_for_other_settings_is_made_again(
    synthetic: Path, releases: Path
) -> None:
    killed = build(synthetic, releases, before=KILL.format(part="stays", midway=False))
    assert killed.status == -signal.SIGKILL
    other = build(synthetic, releases, "--without-filter", "drug_fictive_number")
    assert other.status == 0, other.text
    assert "going on" not in other.err


def test_what_a_killed_build_left_is_its_builders_alone(synthetic: Path, releases: Path) -> None:
    build(synthetic, releases, before=KILL.format(part="stays", midway=False))
    assert (releases / "snds" / ".work").stat().st_mode & 0o777 == 0o700
