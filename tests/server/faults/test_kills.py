"""SIGKILL of each service: systemd restarts it, the session goes on, and nothing is lost."""

import pytest

from infra.settings import layout
from tests.server.analyst import Analyst
from tests.server.deployment import deploy
from tests.server.faults import states
from tests.server.faults.conftest import Fault
from tests.server.faults.killing import kill, main_pid
from tests.server.machine import Machine

SERVICES = {
    "hub": layout.HUB_UNIT,
    "proxy": layout.PROXY_UNIT,
    "nginx": "nginx.service",
    "dockerd": "docker.service",
    "containerd": "containerd.service",
    "sshd": "ssh.service",
}
# More failures than the start limits of Debian's units allow.
DEATHS = 6
# The ioctl and the flag of `chattr +i`: not even root can remove files in such a folder.
SET_FLAGS, IMMUTABLE = 0x40086602, 0x10
QUICK = {("sshd", "deploy")}
COMBINED = [
    pytest.param(name, state, marks=() if (name, state) in QUICK else pytest.mark.long)
    for state in ("build", "deploy")
    for name in SERVICES
]


def hold(folder: str, *, flags: int) -> str:
    """Return a shell command that sets a folder's flags as chattr does, which is not installed."""
    code = f"import fcntl, os; fcntl.ioctl(os.open('{folder}', os.O_RDONLY), {SET_FLAGS}, bytes([{flags}, *[0] * 7]))"
    return f'python3 -c "{code}"'


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_killed_comes_back(name: str, server: Machine, fault: Fault) -> None:
    with fault(f"kill -9 of {name}", state="idle"):
        kill(server, SERVICES[name])


@pytest.mark.parametrize(("name", "state"), COMBINED)
def test_what_is_killed_at_work_comes_back_and_the_work_gets_done(
    name: str, state: str, server: Machine, fault: Fault
) -> None:
    with fault(f"kill -9 of {name}", state=state):
        kill(server, SERVICES[name])


def test_a_killed_build_leaves_the_old_release_and_the_next_one_succeeds(
    server: Machine, fault: Fault
) -> None:
    """The process itself is killed, so that nothing can clean up."""
    with fault("kill -9 of the build", state="build"):
        pid = server.succeed(f"docker inspect -f '{{{{.State.Pid}}}}' {states.CONTAINER}")
        server.succeed(f"kill -9 {pid}")
        server.wait_until_succeeds(f"! {states.BUILDING}")
        assert server.unit_property(states.SERVICE, "Result") != "success", "nothing was killed"
        server.fail(f"docker inspect {states.CONTAINER}")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("dockerd", "sshd") else pytest.mark.long)
        for name in SERVICES
    ],
)
def test_what_is_killed_again_and_again_still_comes_back(
    name: str, server: Machine, fault: Fault
) -> None:
    """Debian's units stop restarting Docker after three failures in a minute, and others after five in ten seconds."""
    unit = SERVICES[name]
    with fault(f"kill -9 of {name}, {DEATHS} times", state="idle"):
        server.succeed(
            f"for i in $(seq {DEATHS}); do "
            f"for j in $(seq 600); do pid=$(systemctl show -P MainPID {unit}); [ $pid != 0 ] && break; sleep 0.1; done; "
            f"kill -9 $pid || exit 1; while kill -0 $pid 2>/dev/null; do sleep 0.05; done; done",
            timeout_s=300,
        )
        server.wait_until_succeeds(f"systemctl is-active --quiet {unit}", timeout_s=90)
        assert main_pid(server, unit) > 0


def test_a_container_that_docker_cannot_remove_does_not_keep_its_user_out(
    server: Machine, fault: Fault, demo: Analyst
) -> None:
    """The hub renames the container, as may be needed after Docker was killed, and the user gets a new session."""
    with fault("dead container that cannot be removed", state="idle", keeps_session=False) as seen:
        old = server.succeed(f"docker inspect -f '{{{{.Id}}}}' {demo.container}")
        layer = server.succeed(f"docker inspect -f '{{{{.GraphDriver.Data.UpperDir}}}}' {old}")
        server.succeed(hold(layer, flags=IMMUTABLE))
        server.fail(f"docker rm --force {old}")
        assert server.succeed(f"docker inspect -f '{{{{.State.Status}}}}' {old}") == "dead"
        seen.wait_until_broken(with_page=False)
    aside = server.succeed(f"docker inspect -f '{{{{.Name}}}}' {old}")
    server.succeed(hold(layer, flags=0))
    # After the kills of Docker and containerd above, its files may be mounted, here or in Docker's mount namespace. If
    # they are still in use afterwards, the container stays until the next boot.
    merged = f"{layer.rpartition('/')[0]}/merged"
    remove, unmount = f"docker rm --force {old}", f"umount --lazy {merged}"
    docker = "nsenter --mount --target $(systemctl show -P MainPID docker)"
    server.execute(f"{remove} || {{ {unmount}; {docker} {unmount}; {remove}; }}")
    assert aside.startswith(f"/{demo.container}-"), aside
    assert demo.hub.is_running()


@pytest.mark.long
def test_after_the_kills_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
