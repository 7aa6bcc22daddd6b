"""The states of the server when a fault happens (idle, build, deploy), and what must hold of each afterwards."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from infra.settings import layout
from infra.settings.settings_file import ROOT
from tests.pace import patience
from tests.server.deployment import deploy, start_deploy
from tests.server.machine import Machine

BASE = "demo"
SERVICE = f"{layout.build_unit(BASE)}.service"
# The container of a build has the name of its unit.
CONTAINER = layout.build_unit(BASE)
BUILDING = f"systemctl show --property=ActiveState --value {SERVICE} | grep -q activating"
BUILD_S = 900
DEPLOY_S = 900
DEPLOY_LOG = ROOT / "build" / "deploy-under-fault.log"
# A build that finds nothing new ends at once; this drop-in makes it build everything again.
_REBUILD = f"/run/systemd/system/{SERVICE}.d"
_REBUILD_TEXT = (
    f"[Service]\\nExecStart=\\nExecStart={layout.BUILD_RUN} {BASE} build --rebuild --reread\\n"
)
# Files of the first and of the last component, which a test changes so that a deploy has something to repair.
EARLY = f"{layout.JOURNALD_DROP_IN}/site.conf"
LATE = f"{layout.ONBOARDING}/stray.md"


@dataclass(frozen=True)
class Activity:
    goes_on: Callable[[], bool]
    """Whether the activity still runs, checked right before the fault: a later fault would prove nothing."""
    process: subprocess.Popen[bytes] | None = None
    """The process of the deploy."""

    def status(self, *, timeout_s: float = DEPLOY_S) -> int:
        """Wait for the deploy's end and return its exit status; a deploy that hangs fails the test."""
        assert self.process is not None
        try:
            return self.process.wait(timeout=patience(timeout_s))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the deploy hangs: no end within {timeout_s:.0f} s") from None


State = Callable[[Machine], AbstractContextManager[Activity]]


@contextmanager
def idle(server: Machine) -> Iterator[Activity]:
    """The state in which a session is open and nothing else runs."""
    yield Activity(goes_on=lambda: True)


@contextmanager
def build(server: Machine) -> Iterator[Activity]:
    """The state in which a build runs. Afterwards it goes on, or the old release is in service and the next build
    succeeds."""
    start_build(server)
    try:
        yield Activity(goes_on=lambda: server.execute(BUILDING).status == 0)
        server.wait_until_succeeds(f"! {BUILDING}", timeout_s=BUILD_S)
        if server.unit_property(SERVICE, "Result") != "success":
            assert_release_in_service(server)
        rebuild(server)
        assert_release_in_service(server)
    finally:
        server.execute(f"systemctl stop {SERVICE}; rm -rf {_REBUILD}; systemctl daemon-reload")


@contextmanager
def deployment(server: Machine) -> Iterator[Activity]:
    """The state in which a deploy runs. Afterwards it has finished, or the next one finishes its work."""
    activity = start_drifted_deploy(server)
    try:
        yield activity
        status = activity.status()
        if status != 0:
            again = deploy()
            assert again.status == 0, f"the deploy ended with {status}, and the next: {again}"
        server.fail(f"test -e {LATE}")
        server.fail(f"grep -q drift {EARLY}")
    finally:
        end(activity)


STATES: dict[str, State] = {"idle": idle, "build": build, "deploy": deployment}


def start_build(server: Machine) -> None:
    """Start a whole build, and wait until `openchronic build` runs in its container."""
    _make_everything_again(server)
    server.succeed(f"systemctl start --no-block {SERVICE}")
    server.wait_until_succeeds(f"docker top {CONTAINER} | grep -q 'openchronic build'")


def build_in_vain(server: Machine) -> None:
    """Run a whole build that must fail, at whatever moment."""
    _make_everything_again(server)
    server.fail(f"systemctl start {SERVICE}", timeout_s=BUILD_S)
    assert server.unit_property(SERVICE, "Result") == "exit-code"


def rebuild(server: Machine) -> None:
    """Run a whole build, which must succeed."""
    _make_everything_again(server)
    server.wait_until_succeeds(f"systemctl start {SERVICE}", timeout_s=BUILD_S)
    assert server.unit_property(SERVICE, "Result") == "success"


def assert_release_in_service(server: Machine) -> None:
    server.succeed(f"test -s {layout.RELEASES}/{BASE}/current/manifest.json")


def start_drifted_deploy(server: Machine) -> Activity:
    """Start a deploy, and wait until it has repaired its first component, and not yet its last."""
    server.succeed(f"echo '# drift' >> {EARLY}; touch {LATE}")
    DEPLOY_LOG.parent.mkdir(exist_ok=True)
    process = start_deploy(log=DEPLOY_LOG)

    def goes_on() -> bool:
        return process.poll() is None and server.execute(f"test -e {LATE}").status == 0

    activity = Activity(goes_on, process)
    healed = f"for i in $(seq 2400); do grep -q drift {EARLY} || exit 0; sleep 0.05; done; exit 1"
    try:
        server.succeed(healed, timeout_s=180)
    except BaseException:
        end(activity)
        raise
    return activity


def end(activity: Activity) -> None:
    """Kill the deploy if it still runs."""
    if activity.process is not None and activity.process.poll() is None:
        os.killpg(activity.process.pid, signal.SIGKILL)
        activity.process.wait()


def _make_everything_again(server: Machine) -> None:
    server.wait_until_succeeds(f"! {BUILDING}", timeout_s=BUILD_S)
    server.wait_until_succeeds(
        f"mkdir -p {_REBUILD} && printf '{_REBUILD_TEXT}' > {_REBUILD}/rebuild.conf && systemctl daemon-reload"
    )
