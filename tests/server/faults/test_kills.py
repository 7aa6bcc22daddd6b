"""kill -9 of each process that serves: systemd brings it back, the session goes on, nothing is lost."""

import pytest

from tests.server.deployment import deploy
from tests.server.faults.conftest import Fault
from tests.server.machine import Machine

SERVICES = {
    "hub": "jupyterhub.service",
    "proxy": "jupyterhub-proxy.service",
    "nginx": "nginx.service",
    "dockerd": "docker.service",
    "containerd": "containerd.service",
    "sshd": "ssh.service",
}


def main_pid(server: Machine, unit: str) -> int:
    return int(server.unit_property(unit, "MainPID"))


def kill(server: Machine, unit: str) -> None:
    """kill -9, and the proof that it died: another process serves afterwards."""
    before = main_pid(server, unit)
    assert before > 0
    server.succeed(f"kill -9 {before}")
    server.wait_until_succeeds(f'[ "$(systemctl show -P MainPID {unit})" != {before} ]')
    server.fail(f"kill -0 {before}")
    server.wait_until_succeeds(f"systemctl is-active --quiet {unit}", timeout_s=90)


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_killed_comes_back(name: str, server: Machine, fault: Fault) -> None:
    with fault(f"kill -9 of {name}", state="idle"):
        kill(server, SERVICES[name])


def test_afterwards_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
