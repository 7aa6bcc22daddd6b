"""Restarts of services while a session is open: it goes on, and stays isolated before, during and after."""

from collections.abc import Iterator

import pytest

from infra.settings import layout
from tests.server.analyst import Analyst
from tests.server.deployment import deploy
from tests.server.faults.conftest import Fault
from tests.server.faults.isolation import Probing, probing, walls
from tests.server.faults.killing import main_pid
from tests.server.machine import Machine

STATES = ("idle", *(pytest.param(state, marks=pytest.mark.long) for state in ("build", "deploy")))


@pytest.fixture
def shut_in(server: Machine, demo: Analyst, images: dict[str, str]) -> Iterator[Probing]:
    """Give a second kernel of demo's session that probes its isolation, after checking the isolation and the probe."""
    session = demo.open_session()
    with probing(server, session, image=images["spark"]) as probes:
        assert probes.opened() == []
        assert probes.hub_answers()
        yield probes
        assert probes.opened() == []
        assert probes.hub_answers()
    session.kernel.close()


@pytest.mark.parametrize("state", STATES)
def test_the_firewall_restarts_and_nothing_opens_meanwhile(
    state: str, server: Machine, fault: Fault, shut_in: Probing
) -> None:
    before = walls(server)
    started = server.unit_property("site-firewall", "ActiveEnterTimestampMonotonic")
    with fault("restart of the firewall", state=state):
        for _ in range(3):
            server.succeed("systemctl restart site-firewall")
        assert server.unit_property("site-firewall", "ActiveEnterTimestampMonotonic") != started
    assert shut_in.opened_so_far() == []
    assert walls(server) == before


def test_walls_that_were_torn_down_stand_again_after_a_restart(
    server: Machine, fault: Fault, shut_in: Probing
) -> None:
    """This also proves that the probes notice an open port."""
    before = walls(server)
    with fault("firewall tables deleted, then restart", state="idle"):
        server.succeed("nft delete table inet site")
        try:
            assert set(shut_in.opened()) >= {"the host's SSH", "the host's web server"}
        finally:
            server.succeed("systemctl restart site-firewall")
        shut_in.forget()
    assert walls(server) == before


@pytest.mark.parametrize("state", STATES)
def test_docker_restarts_and_nothing_opens_meanwhile(
    state: str, server: Machine, fault: Fault, shut_in: Probing, demo: Analyst
) -> None:
    before = walls(server)
    show = f"docker inspect -f '{{{{.State.StartedAt}}}}' {demo.container}"
    started = server.succeed(show)
    with fault("restart of Docker", state=state):
        pid = main_pid(server, "docker.service")
        server.succeed("systemctl restart docker", timeout_s=180)
        assert main_pid(server, "docker.service") != pid
        server.wait_until_succeeds("docker info")
    assert server.succeed(show) == started, "the container was started again"
    assert shut_in.opened_so_far() == []
    assert walls(server) == before


@pytest.mark.parametrize("state", STATES)
def test_containerd_restarts_under_a_session(state: str, server: Machine, fault: Fault) -> None:
    with fault("restart of containerd", state=state):
        pid = main_pid(server, "containerd.service")
        server.succeed("systemctl restart containerd", timeout_s=180)
        assert main_pid(server, "containerd.service") != pid
        server.wait_until_succeeds("docker info")


def test_the_session_works_while_the_hub_is_down(
    server: Machine, fault: Fault, demo: Analyst
) -> None:
    health = f"curl --fail --silent --max-time 5 {layout.HUB_URL}/hub/health"
    with fault("hub stopped for a while, then started", state="idle") as observed:
        server.succeed("systemctl stop jupyterhub")
        try:
            server.fail(health)
            observed.wait_until_work_is_well()
            running = f"docker inspect -f '{{{{.State.Running}}}}' {demo.container}"
            assert server.succeed(running) == "true"
        finally:
            server.succeed("systemctl start jupyterhub")
        server.wait_until_succeeds(health)


def test_after_the_restarts_a_deploy_has_nothing_to_change() -> None:
    """Nor after the kills: see conftest.py."""
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
