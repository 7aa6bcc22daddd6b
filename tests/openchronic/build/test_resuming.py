"""A killed build resumes after its last finished part, and its release is the same."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.front_door import (
    IN_TWO,
    build,
    built,
    everything,
    one_year,
    one_year_release,
)
from tests.openchronic.small_delivery import ALICE, claim, write

# Python for the build's own process: a kill at the end of a part, or when its files are written and
# its checkpoint is not.
KILL = """
import os, signal
from openchronic.build.checkpoint import Finished
once = Finished.once
def stop(self, part, digest, make, **how):
    def work():
        result = make()
        if part.startswith({part!r}) and {midway}:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    result = once(self, part, digest, work, **how)
    if part.startswith({part!r}):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
Finished.once = stop
"""
SAID = re.compile(r"a killed build had finished (\d+) parts: going on from there")


def manifest(release: Path) -> dict[str, Any]:
    return dict(json.loads((release / "manifest.json").read_text()))


# The parts at which a build is killed, before or after their checkpoint, and the number of finished
# parts.
KILLS = (
    ("people", False, 1),
    ("claims", True, 1),
    ("rehabilitation", True, 4),
    ("events-001", False, 12),
)


def test_a_build_killed_again_and_again_goes_on_and_makes_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, releases: Path
) -> None:
    source = one_year(tmp_path_factory)
    before = 0
    for part, midway, least in KILLS:
        killed = build(source, releases, *IN_TWO, before=KILL.format(part=part, midway=midway))
        assert killed.status == -signal.SIGKILL, (part, killed.text)
        assert going_on(killed.err) >= before, part
        before = least
    resumed = build(source, releases, *IN_TWO)
    assert resumed.status == 0, resumed.text
    assert going_on(resumed.err) >= before, KILLS[-1]
    made = manifest((releases / "snds" / "current").resolve())
    unbroken = manifest(one_year_release(tmp_path_factory))
    same = (
        "tables",
        "reconciliation",
        "filters",
        "identity",
        "events",
        "regularised",
        "assertions",
    )
    assert {name: made[name] for name in same} == {name: unbroken[name] for name in same}
    assert not (releases / "snds" / ".work").exists()


def going_on(said: str) -> int:
    """Returns the number of finished parts that a build found."""
    found = SAID.search(said)
    return int(found[1]) if found else 0


def test_what_a_killed_build_left_is_its_builders_alone_and_not_for_other_settings(
    delivery: Path, releases: Path
) -> None:
    killed = build(delivery, releases, before=KILL.format(part="stays", midway=False))
    assert killed.status == -signal.SIGKILL
    work = releases / "snds" / ".work"
    assert work.stat().st_mode & 0o777 == 0o700
    assert list(work.rglob("stays*.pickle"))
    other = build(delivery, releases, "--without-filter", "drug.fictive_number")
    assert other.status == 0, other.text
    assert going_on(other.err) == 0
    assert "going on" not in other.err


def test_a_kill_in_a_part_that_is_made_again_leaves_nothing_of_it_to_the_folder_of_before(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    built(delivery, releases, "--keep-parts")
    claims = delivery / "DCIR_2021/ER_PRS_F_2021.CSV"
    before = claims.read_text()
    write(delivery, {str(claims.relative_to(delivery)): [claim(1, ALICE, "11/03/2021")]})
    killed = build(
        delivery, releases, "--keep-parts", before=KILL.format(part="claims", midway=True)
    )
    assert killed.status == -signal.SIGKILL
    claims.write_text(before)
    # A setting that no claim depends on: with the same settings the release in service would stay.
    observed = ("--population", "observed")
    again = built(delivery, releases, *observed, "--keep-parts")
    assert everything(again) == everything(built(delivery, tmp_path / "new", *observed))
