"""`make status` against a booted server: what it shows of a server at work, and of one in need."""

import json
import os
import re
import subprocess
import sys

import pytest

from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import PROFILE, Analyst
from tests.server.deployment import environment
from tests.server.machine import Machine


def status(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.operate.status", *options],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(120),
        check=False,
    )


def test_a_server_at_work_needs_nothing_and_shows_its_sessions(
    site: Site, demo: Analyst, server: Machine
) -> None:
    demo.open_session().kernel.close()
    done = status("--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["needs"] == []
    row = next(one for one in told["sessions"] if one["login"] == "demo")
    assert row["limit"] == int(site.profiles[PROFILE].memory_gb * 2**30)
    assert 0 < row["used"] < row["limit"]
    builds = {one["base"]: one for one in told["builds"]}
    assert set(builds) == set(site.bases)
    assert {(one["scheduled"], one["result"]) for one in builds.values()} == {(True, "success")}
    build = builds["demo"]
    release = server.succeed(f"readlink {site.storage.releases}/demo/current")
    assert build["release"] == release
    assert build["next"] > told["now"]
    quotas = {(one["login"], one["project"]) for one in told["quotas"]}
    assert {("demo", "variations"), ("demo", "parcours"), ("alix", "parcours")} <= quotas
    assert ("", "parcours") in quotas, "the shared folder"
    assert told["certificate"] > told["now"] + 300 * 86400
    assert set(told["units"].values()) == {"active"}
    shown = status().stdout
    assert "nothing needs a hand" in shown
    assert re.search(rf"demo +variations +{PROFILE}", shown), shown
    assert len(shown.splitlines()) < 40, "more than a screen"


@pytest.fixture(scope="module")
def in_need(site: Site, server: Machine, alix: Analyst) -> str:
    """Give what is said of a server on which a unit failed, a home is full, and a service is down, all at once."""
    size = int(site.storage.home_quota_gb * 0.93 * 1024)
    file = f"{alix.home}/ballast"
    server.execute("systemd-run --unit=status-trial --wait false")
    server.succeed(f"fallocate --length {size}M {file} && sync -f {file}")
    server.succeed(f"systemctl stop {layout.CULLER_UNIT}")
    try:
        done = status()
    finally:
        server.execute("systemctl reset-failed status-trial")
        server.succeed(f"rm {file} && sync -f {site.storage.homes}")
        server.succeed(f"systemctl start {layout.CULLER_UNIT}")
    assert done.returncode == 1
    return done.stdout


def test_what_fails_is_told_with_the_next_step(in_need: str) -> None:
    assert "! status-trial.service failed\n    → journalctl -u status-trial.service" in in_need


def test_a_full_home_is_told(in_need: str) -> None:
    assert "! the home of alix in parcours is full to 9" in in_need


def test_a_hub_that_is_down_is_told(in_need: str) -> None:
    assert f"! {layout.CULLER_UNIT} is inactive" in in_need


@pytest.mark.usefixtures("in_need")
def test_it_changes_nothing_and_finds_what_was_mended_well(server: Machine) -> None:
    """Only reading programs run: what systemd and Docker record is the same before and after."""
    look = "systemctl list-units --all --plain --no-legend | awk '{print $1, $4}' | grep -v -e session -e user -e run- | sort; docker ps -aq"
    before = server.succeed(look)
    assert status().returncode == 0
    assert server.succeed(look) == before


def test_a_box_that_is_stopped_is_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.operate.status"],
        cwd=ROOT,
        env={**os.environ, "SITE": "test", "BOX": "absent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
