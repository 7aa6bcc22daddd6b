"""What is killed or restarted comes back, and sessions never notice: the kernel keeps its variable."""

import time
from collections.abc import Callable, Iterator

import pytest

from infra.site import Site
from tests.server.analyst import Analyst
from tests.server.deployment import deploy
from tests.server.machine import Machine
from tests.smoke.session import Session


@pytest.fixture(scope="module")
def working(demo: Analyst) -> Iterator[Session]:
    """A session in the middle of something: its kernel holds a variable that exists nowhere else."""
    session = demo.open_session()
    session.run("import secrets; thesis = secrets.token_hex(8)")
    yield session
    session.kernel.close()


@pytest.fixture
def still_works(working: Session, demo: Analyst) -> Iterator[Callable[..., None]]:
    thesis = working.value("thesis")

    def check(*, timeout_s: float = 120) -> None:
        """Through a new connection, as a browser makes one: same kernel, same variable, hub agrees."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                working.kernel.reconnect()
                assert working.value("thesis") == thesis
                assert demo.hub.is_running()
            except (OSError, AssertionError, ValueError) as error:
                if time.monotonic() > deadline:
                    raise AssertionError(f"no session after {timeout_s:.0f} s: {error}") from error
                time.sleep(1)
            else:
                return

    yield check
    check()


def main_pid(server: Machine, unit: str) -> int:
    return int(server.unit_property(unit, "MainPID"))


def kill(server: Machine, unit: str) -> None:
    """kill -9, and the proof that it died: another process serves afterwards."""
    before = main_pid(server, unit)
    assert before > 0
    server.succeed(f"kill -9 {before}")
    server.wait_until_succeeds(f'[ "$(systemctl show -P MainPID {unit})" != {before} ]')
    server.fail(f"kill -0 {before}")
    server.wait_for_unit(unit, timeout_s=90)


def test_a_killed_hub_comes_back(server: Machine, still_works: Callable[..., None]) -> None:
    kill(server, "jupyterhub.service")
    still_works()


def test_the_session_works_while_the_hub_is_down(
    server: Machine, working: Session, demo: Analyst
) -> None:
    server.succeed("systemctl stop jupyterhub")
    try:
        server.fail("curl --fail --silent --max-time 5 http://172.30.0.1:8081/hub/health")
        assert working.value("len(thesis)") == 16
        assert (
            server.succeed(f"docker inspect -f '{{{{.State.Running}}}}' {demo.container}") == "true"
        )
    finally:
        server.succeed("systemctl start jupyterhub")
    server.wait_until_succeeds("curl --fail --silent http://172.30.0.1:8081/hub/health")


def test_a_killed_proxy_comes_back(server: Machine, still_works: Callable[..., None]) -> None:
    kill(server, "jupyterhub-proxy.service")
    still_works()


def test_a_killed_web_server_comes_back(
    server: Machine, still_works: Callable[..., None], site: Site
) -> None:
    kill(server, "nginx.service")
    still_works()


def test_docker_restarts_under_a_session(
    server: Machine, still_works: Callable[..., None], demo: Analyst
) -> None:
    started = server.succeed(f"docker inspect -f '{{{{.State.StartedAt}}}}' {demo.container}")
    before = main_pid(server, "docker.service")
    server.succeed("systemctl restart docker", timeout_s=180)
    assert main_pid(server, "docker.service") != before
    still_works()
    after = server.succeed(f"docker inspect -f '{{{{.State.StartedAt}}}}' {demo.container}")
    assert after == started, "the container was started again"


def test_a_killed_docker_comes_back(server: Machine, still_works: Callable[..., None]) -> None:
    kill(server, "docker.service")
    still_works()


def test_containerd_restarts_under_a_session(
    server: Machine, still_works: Callable[..., None]
) -> None:
    before = main_pid(server, "containerd.service")
    server.succeed("systemctl restart containerd", timeout_s=180)
    assert main_pid(server, "containerd.service") != before
    server.wait_until_succeeds("docker info")
    still_works()


def test_after_all_that_a_deploy_has_nothing_to_change(working: Session) -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
    assert working.value("len(thesis)") == 16
