"""After a reboot or a power cut everything starts again by itself, and a deploy has nothing to change."""

import time
from contextlib import suppress

import pytest

from infra.box import machine
from infra.settings import layout
from infra.settings.box_identity import box_identity
from infra.settings.site import Site
from tests.pace import patience
from tests.server.deployment import PURPOSE, deploy
from tests.server.faults.conftest import Fault
from tests.server.machine import Machine, Unreachable
from tests.server.operator_check import smoke_test
from tests.server.preparation import box_verb

UNITS = (
    *("site-firewall", "docker", "nginx", "jupyterhub-proxy", "jupyterhub", "jupyterhub-culler"),
    f"{layout.build_unit('demo')}.timer",
)
BOOT = "cut -d' ' -f22 /proc/1/stat"
IMAGES = "docker images --quiet --no-trunc | sort -u"
# Under cgroup v1, systemd in a box does not notice the end of user processes, and would wait for them.
IMPATIENT = (
    "d=/run/systemd/system/user@.service.d; mkdir -p $d; "
    "printf '[Service]\\nTimeoutStopSec=2\\n' > $d/box.conf; systemctl daemon-reload"
)
# An orderly shutdown waits for processes that do not end by themselves.
REBOOT_S = 240
ENDINGS = ("reboot", "power cut")
CASES = [
    pytest.param(ending, state, marks=() if state == "idle" else pytest.mark.long)
    for state in ("idle", "build", "deploy")
    for ending in ENDINGS
]


def end(ending: str, server: Machine) -> None:
    match ending:
        case "reboot":
            with suppress(Unreachable):
                server.execute(f"{IMPATIENT}; systemctl reboot")
            wait_until_down()
            box_verb("start")
        case "power cut":
            box_verb("kill")
            box_verb("start")
        case "power off":
            box_verb("stop")
            box_verb("start")


def wait_until_down() -> None:
    """Wait until systemd-nspawn has ended, which it does at its guest's reboot; the test boots it again."""
    box = box_identity(PURPOSE)
    deadline = time.monotonic() + patience(REBOOT_S)
    while machine.is_running(box):
        assert time.monotonic() < deadline, f"no orderly end within {patience(REBOOT_S):.0f} s"
        time.sleep(0.2)


def assert_whole(server: Machine, site: Site, *, images: str) -> None:
    for unit in UNITS:
        server.wait_for_unit(unit, timeout_s=120)
    server.succeed(f"mountpoint {site.storage.homes}")
    assert server.succeed(IMAGES) == images
    assert layout.SESSIONS_SUBNET in server.succeed("docker network inspect sessions")
    server.wait_until_succeeds(f"curl --fail --silent {layout.PROXY_URL}/hub/health")


@pytest.mark.parametrize(("ending", "state"), CASES)
def test_the_server_comes_back(
    ending: str, state: str, site: Site, server: Machine, fault: Fault
) -> None:
    before, images = server.succeed(BOOT), server.succeed(IMAGES)
    with fault(ending, state=state, keeps_session=False) as observed:
        end(ending, server)
        observed.wait_until_broken()
        server.wait_until_succeeds(f'[ "$({BOOT})" != {before} ]', timeout_s=REBOOT_S)
        server.wait_until_succeeds("systemctl is-system-running --wait || true", timeout_s=120)
        assert_whole(server, site, images=images)


def test_a_server_that_was_powered_off_comes_back(site: Site, server: Machine) -> None:
    """No observer runs: the box's network does not exist while it is off."""
    before, images = server.succeed(BOOT), server.succeed(IMAGES)
    end("power off", server)
    assert server.succeed(BOOT) != before, "it never went down"
    assert_whole(server, site, images=images)


def test_an_analyst_can_work_again() -> None:
    """The smoke test says so, and does without a browser."""
    done = smoke_test("test_analyst or test_operator")
    assert done.returncode == 0, done.stdout
    assert "PASSED, without a browser:" in done.stdout


def test_after_all_that_a_deploy_has_nothing_to_change() -> None:
    """Nor after the renewed certificate: see conftest.py."""
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
