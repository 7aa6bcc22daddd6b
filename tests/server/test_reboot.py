"""A reboot and a power cut: everything comes back by itself, and a deploy has nothing to change."""

import subprocess
import sys

import pytest

from infra.settings_file import ROOT
from infra.site import Site
from tests.server.deployment import deploy, environment
from tests.server.machine import Machine
from tests.server.preparation import box_verb

UNITS = (
    *("site-firewall", "docker", "nginx", "jupyterhub-proxy", "jupyterhub", "jupyterhub-culler"),
    "openchronic-build-demo.timer",
)


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_the_server_comes_back(ending: str, site: Site, server: Machine) -> None:
    """`stop` is an orderly shutdown, `kill` a power cut."""
    before = server.succeed("cat /proc/1/stat | cut -d' ' -f22")
    images = server.succeed("docker images --quiet --no-trunc | sort -u")
    box_verb(ending)
    box_verb("start")
    assert server.succeed("cat /proc/1/stat | cut -d' ' -f22") != before, "it never went down"
    for unit in UNITS:
        server.wait_for_unit(unit, timeout_s=120)
    server.succeed(f"mountpoint {site.storage.homes}")
    assert server.succeed("docker images --quiet --no-trunc | sort -u") == images
    assert "172.30.0.0/24" in server.succeed("docker network inspect sessions")
    server.wait_until_succeeds("curl --fail --silent http://127.0.0.1:8000/hub/health")


def test_an_analyst_can_work_again() -> None:
    promises = "test_analyst or test_operator"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.smoke", "--site", "box"),
            "--no-browser",
            "--only",
            promises,
        ],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
