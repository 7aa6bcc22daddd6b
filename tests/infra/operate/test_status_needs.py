"""What `make status` calls in need of a hand, and how it shows what it found."""

import copy
from typing import Any

import pytest

from infra.operate.status_needs import needs
from infra.operate.status_screen import screen
from infra.settings import layout
from infra.settings.settings_file import GB
from infra.settings.site import Site
from infra.settings.site_file import load_site

NOW = 1_800_000_000.0
DAY = 86400
WELL: dict[str, Any] = {
    "now": NOW,
    "deployed": {"version": "1.2.3", "commit": "abc123"},
    "sessions": [
        {"login": "alix", "project": "", "started": "2027-01-15T06:00:00.5Z", "used": int(0.5 * GB), "limit": 2 * GB, "cpus": 1.0, "pids": 1024},
        {"login": "demo", "project": "asthme", "started": "2027-01-15T05:00:00Z", "used": None, "limit": 7 * GB, "cpus": 1.0, "pids": 1024},
    ],
    "memory": {"MemTotal": 16 * GB, "MemAvailable": 8 * GB},
    "disks": [{"place": "/", "size": 100 * GB, "free": 40 * GB}],
    "quotas": [{"login": "alix", "project": "asthme", "used": GB // 10, "limit": GB}],
    "builds": [{"base": "demo", "release": "2027-01-14-abc", "made": NOW - DAY, "runs": False, "result": "success", "status": "0", "ended": NOW - DAY, "scheduled": True, "next": NOW + DAY}],
    "certificate": NOW + 200 * DAY,
    "units": {"nginx.service": "active"},
    "failed": [],
    "synchronised": True,
    "restart": False,
}  # fmt: skip


@pytest.fixture
def box() -> Site:
    return load_site("box")


def told(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WELL), **changes}


def what(found: dict[str, Any], site: Site, *, now: float = NOW) -> list[str]:
    return [one.what for one in needs(found, site, now=now)]


def test_a_server_that_is_well_needs_nothing(box: Site) -> None:
    assert what(told(), box) == []
    shown = screen(told(), [], box)
    assert "nothing needs a hand" in shown
    assert "deployed: 1.2.3 abc123" in shown
    assert "demo             release 2027-01-14-abc, 24 hours old; last build succeeded" in shown
    assert "alix             -              petite" in shown
    assert "0.5 of 2.0 GB" in shown
    # Its limits are of no profile of today, and its memory is not known.
    assert "demo             asthme         of before" in shown
    assert "? of 7.0 GB" in shown


BUILD = WELL["builds"][0]


@pytest.mark.parametrize(
    ("changes", "need"),
    [
        ({"memory": {"MemTotal": 16 * GB, "MemAvailable": GB // 2}}, "memory is short: 0.5 GB are left"),
        ({"disks": [{"place": "/srv", "size": 100 * GB, "free": 4 * GB}]}, "the disk of /srv is nearly full: 4.0 GB are left"),
        ({"quotas": [{"login": "alix", "project": "asthme", "used": 9, "limit": 10}]}, "the home of alix in asthme is full to 90%"),
        ({"quotas": None}, "the homes' quotas cannot be read"),
        ({"builds": [{**BUILD, "release": "", "made": None}]}, "no release of demo is in service"),
        ({"builds": [{**BUILD, "scheduled": False}]}, "no build of demo is scheduled"),
        ({"builds": [{**BUILD, "result": "oom-kill"}]}, "the last build of demo failed (oom-kill)"),
        ({"certificate": NOW + 12 * DAY}, "the certificate ends in 12 days"),
        ({"certificate": NOW - 2 * DAY}, "the certificate ended 2 days ago"),
        ({"certificate": None}, "the certificate cannot be read"),
        ({"failed": ["x.service"]}, "x.service failed"),
        ({"failed": None}, "systemd does not say which units failed"),
        ({"units": {layout.HUB_UNIT: "inactive"}}, f"{layout.HUB_UNIT} is inactive"),
        ({"sessions": None}, "Docker does not answer: no session starts"),
        ({"restart": True}, "updates wait for a restart"),
        ({"now": NOW + 90}, "the server's clock and this machine's are 90 s apart"),
    ],
)  # fmt: skip
def test_what_needs_a_hand_is_told_with_the_next_step(
    box: Site, changes: dict[str, Any], need: str
) -> None:
    found = needs(told(**changes), box, now=NOW)
    assert [one.what for one in found] == [need]
    assert found[0].next
    shown = screen(told(**changes), found, box)
    assert f"1 thing needs a hand:\n  ! {need}\n    → {found[0].next}" in shown


def test_a_build_that_runs_is_no_failure(box: Site) -> None:
    running = {**BUILD, "runs": True, "result": "exit-code", "release": "", "made": None}
    assert what(told(builds=[running]), box) == []
    assert "a build runs now" in screen(told(builds=[running]), [], box)


def test_a_failed_build_is_told_once(box: Site) -> None:
    failed = {**BUILD, "result": "exit-code"}
    unit = f"{layout.build_unit('demo')}.service"
    assert what(told(builds=[failed], failed=[unit]), box) == ["the last build of demo failed (exit-code)"]  # fmt: skip


def test_the_clock_of_a_real_server_must_be_synchronised(box: Site) -> None:
    real = box.model_copy(update={"box": None})
    assert what(told(synchronised=False), real) == ["the clock is not synchronised"]
    assert what(told(synchronised=False), box) == [], "a box has its host's clock"
