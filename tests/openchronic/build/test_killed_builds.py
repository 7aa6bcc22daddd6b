"""A build that is killed, interrupted or stopped leaves one whole release in service, and no other file."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.openchronic.build.background_builds import content, start, wait_for
from tests.openchronic.front_door import build, built, rows
from tests.openchronic.small_delivery import ALICE, claim, write
from tests.pace import patience

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"


def test_a_build_killed_at_any_time_leaves_the_old_release_in_service(
    synthetic: Path, delivery: Path, releases: Path, plain_base: Path
) -> None:
    old = plain_base
    for number, delay in enumerate((0.2, 0.5, 0.8, 1.1, 1.4, 1.8)):
        # Each build has other settings, so that none resumes from an earlier one.
        process = start(synthetic, releases, "--reread", "--memory", f"{1000 + number}MB")
        time.sleep(delay)
        process.kill()
        process.communicate()
        if process.returncode == 0:  # a fast machine finished before the kill
            pytest.skip(f"the build ended within {delay} s")
        assert process.returncode == -signal.SIGKILL, delay
        assert (releases / "snds" / "current").resolve() == old, delay
        assert rows(old, "SELECT count(*) FROM patient") == [(1,)], delay
    write(delivery, {CLAIMS: [claim(1, ALICE, "11/03/2021")]})
    new = built(delivery, releases)
    assert content(releases) == {"current", ".lock", old.name, new.name}


# Python that kills the process at the critical moments; `before` runs in the build's own process.
KILL = "import os, signal\ndef die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
# The moments are in the order of a build: a later build resumes after the finished parts.
MOMENTS = {
    "while files are read": "import openchronic.build.taking as i; i.read_file = die",
    "while claims are dealt": "from openchronic.engines.duck import Duck; Duck.write_by_bucket = die",
    "while events are written": "import openchronic.build.parts as r\n"
    "write = r.write_part\n"
    "r.write_part = lambda c, table, *rest: die() if table == 'event' else write(c, table, *rest)",
    "before the files are synced": "import openchronic.build.publishing as p; p._sync_tree = die",
    "between the folder and the link": "import openchronic.build.publishing as p; p.point_at = die",
    "after the link": "from openchronic.build import in_service as p\n"
    "publish = p.publish\n"
    "def late(*a, **k): publish(*a, **k); die()\n"
    "p.publish = late",
}


def test_builds_killed_at_chosen_moments_leave_one_whole_release(
    delivery: Path, releases: Path, plain_base: Path
) -> None:
    old = plain_base
    write(delivery, {CLAIMS: [claim(1, ALICE, "11/03/2021")]})
    for moment, code in MOMENTS.items():
        killed = build(delivery, releases, before=KILL + code)
        assert killed.status == -signal.SIGKILL, (moment, killed.text)
        in_service = (releases / "snds" / "current").resolve()
        assert (in_service == old) == (moment != "after the link"), moment
        assert rows(in_service, "SELECT count(*) FROM event") == [(6,)], moment
    new = built(delivery, releases, "--rebuild")
    assert new != old
    assert content(releases) == {"current", ".lock", old.name, new.name}


def test_an_interrupted_build_says_so_and_cleans_up(synthetic: Path, releases: Path) -> None:
    process = start(synthetic, releases)
    wait_for(releases / "snds" / ".work" / "private" / "typed")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=patience(60))
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert content(releases) == {".lock"}


def test_a_stopped_build_cleans_up(synthetic: Path, releases: Path) -> None:
    process = start(synthetic, releases)
    wait_for(releases / "snds" / ".work" / "private" / "typed")
    process.terminate()
    _, err = process.communicate(timeout=patience(60))
    assert process.returncode == 143, err
    assert "Traceback" not in err
    assert content(releases) == {".lock"}
