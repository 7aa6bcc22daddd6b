"""What the server is doing when a fault hits it, and what must have become of that afterwards."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.server.deployment import deploy, start_deploy
from tests.server.machine import Machine

BASE = "demo"
SERVICE = f"openchronic-build-{BASE}.service"
CONTAINER = f"openchronic-build-{BASE}"
BUILD_S = 900
DEPLOY_S = 900
# A build that finds nothing new ends at once; this one makes everything again.
_REBUILD = f"/run/systemd/system/{SERVICE}.d"
# Drift for a deploy to heal, where no user looks: of the first component and of the last.
EARLY = "/etc/systemd/journald.conf.d/site.conf"
LATE = "/srv/onboarding/stray.md"


@contextmanager
def idle(server: Machine) -> Iterator[None]:
    """A session is open, and nobody asks the server for more."""
    yield


@contextmanager
def build(server: Machine) -> Iterator[None]:
    """A build at work. Afterwards it goes on, or the old release is in service and the next build succeeds."""
    start_build(server)
    try:
        yield
        wait_for_build(server)
        if server.unit_property(SERVICE, "Result") != "success":
            assert_release_in_service(server)
        rebuild(server)
        assert_release_in_service(server)
    finally:
        server.execute(f"systemctl stop {SERVICE}; rm -rf {_REBUILD}; systemctl daemon-reload")


@contextmanager
def deployment(server: Machine) -> Iterator[None]:
    """A deploy at work. Afterwards it has finished, or the next one finishes what it had to do."""
    process = start_drifted_deploy(server)
    try:
        yield
        status = end_of(process)
        if status != 0:
            again = deploy()
            assert again.status == 0, f"the deploy ended with {status}, and the next: {again}"
        server.fail(f"test -e {LATE}")
        server.fail(f"grep -q drift {EARLY}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


STATES: dict[str, Callable[[Machine], AbstractContextManager[None]]] = {
    "idle": idle,
    "build": build,
    "deploy": deployment,
}


def start_build(server: Machine) -> None:
    """A whole build, past its start: `openchronic build` runs in its container."""
    server.wait_until_fails(
        f"systemctl is-active {SERVICE} | grep -q activating", timeout_s=BUILD_S
    )
    _make_everything_again(server)
    server.succeed(f"systemctl start --no-block {SERVICE}")
    server.wait_until_succeeds(f"docker top {CONTAINER} | grep -q 'openchronic build'")
    server.succeed(f"systemctl is-active {SERVICE} | grep -q activating")


def rebuild(server: Machine) -> None:
    _make_everything_again(server)
    server.wait_until_succeeds(f"systemctl reset-failed {SERVICE} || true")
    server.succeed(f"systemctl start {SERVICE}", timeout_s=BUILD_S)
    assert server.unit_property(SERVICE, "Result") == "success"


def wait_for_build(server: Machine) -> None:
    ends = f"! systemctl is-active {SERVICE} | grep -q activating"
    server.wait_until_succeeds(ends, timeout_s=BUILD_S)


def assert_release_in_service(server: Machine) -> None:
    server.succeed(f"test -s /srv/openchronic/{BASE}/current/manifest.json")


def start_drifted_deploy(server: Machine) -> "subprocess.Popen[bytes]":
    """A deploy that has healed its first component and not yet its last."""
    server.succeed(f"echo '# drift' >> {EARLY}; touch {LATE}")
    process = start_deploy()
    healed = f"for i in $(seq 2400); do grep -q drift {EARLY} || exit 0; sleep 0.05; done; exit 1"
    try:
        server.succeed(healed, timeout_s=180)
        server.succeed(f"test -e {LATE}")
        assert process.poll() is None, "the deploy ended before anything could hit it"
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return process


def end_of(process: "subprocess.Popen[bytes]") -> int:
    """The deploy's status; one that hangs is a defect."""
    started = time.monotonic()
    try:
        return process.wait(timeout=DEPLOY_S)
    except subprocess.TimeoutExpired:
        waited = time.monotonic() - started
        raise AssertionError(f"the deploy hangs: no end within {waited:.0f} s") from None


def _make_everything_again(server: Machine) -> None:
    text = f"[Service]\\nExecStart=\\nExecStart=/usr/local/lib/openchronic-server/builds/run {BASE} build --rebuild\\n"
    server.wait_until_succeeds(
        f"mkdir -p {_REBUILD} && printf '{text}' > {_REBUILD}/rebuild.conf && systemctl daemon-reload"
    )
