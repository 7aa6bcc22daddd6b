"""The smoke test passes on a good server, fails on a broken one, and always locks its accounts.

That it does without a browser is proven by the faults, after the power cut (`faults/test_power.py`).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGIN
from infra.settings.settings_file import ROOT
from tests.junit import read_junit
from tests.pace import patience
from tests.server.deployment import SITE, deploy, environment
from tests.server.machine import Machine
from tests.smoke import chromium

SMOKE = (sys.executable, "-m", "tests.smoke", "--site", SITE)


@pytest.fixture(autouse=True)
def locked_afterwards(server: Machine) -> Iterator[None]:
    yield
    assert server.succeed(f"getent shadow {SMOKE_LOGIN}").split(":")[1] == "!"
    server.fail(f"docker inspect session-{SMOKE_LOGIN}")
    server.fail("systemctl is-active smoke-test-lock.timer")


def smoke(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SMOKE, *options],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience(1200),
        check=False,
    )


def test_the_server_keeps_its_promises(tmp_path: Path) -> None:
    """`make smoke-test` passes all checks, with a browser if there is one."""
    junit = tmp_path / "smoke.xml"
    with_browser = chromium.missing() is None
    done = smoke("--junit", str(junit), *([] if with_browser else ["--no-browser"]))
    assert done.returncode == 0, done.stdout
    assert ("PASSED:" if with_browser else "PASSED, without a browser:") in done.stdout
    assert read_junit(junit).count("passed") > 20


# How something is broken and repaired, which check fails, and its message. Firewall rules are added and never flushed:
# the chain's policy would lock the operator out.
SABOTAGE = {
    "a service": (
        "systemctl stop jupyterhub-culler",
        "systemctl start jupyterhub-culler",
        "services_run",
        "jupyterhub-culler",
    ),
    "the firewall towards the host": (
        f'nft insert rule inet site input iifname "{layout.SESSIONS_BRIDGE}" accept',
        "systemctl restart site-firewall",
        "hosts_ports",
        "answers on",
    ),
    "the wall between sessions": (
        f"nft delete table bridge site; iptables -I FORWARD -i {layout.SESSIONS_BRIDGE} -o {layout.SESSIONS_BRIDGE} -j ACCEPT",
        f"iptables -D FORWARD -i {layout.SESSIONS_BRIDGE} -o {layout.SESSIONS_BRIDGE} -j ACCEPT; systemctl restart site-firewall",
        "sessions_port",
        "answers",
    ),
    "a release": (
        f"mv {layout.RELEASES}/demo/current {layout.RELEASES}/demo/away",
        f"mv {layout.RELEASES}/demo/away {layout.RELEASES}/demo/current",
        "up_to_date",
        "no release",
    ),
}


def test_it_notices_each_broken_promise(server: Machine) -> None:
    """All are broken at once, and each is told."""
    with ExitStack() as afterwards:
        for broken, mended, *_ in SABOTAGE.values():
            afterwards.callback(server.succeed, mended)
            server.succeed(broken)
        promises = " or ".join(promise for *_, promise, _ in SABOTAGE.values())
        done = smoke("--no-browser", "--only", promises)
    assert done.returncode == 1, done.stdout
    for what, (*_, complaint) in SABOTAGE.items():
        assert complaint in done.stdout, f"{what}: {done.stdout}"
    assert done.stdout.count("  FAIL ") == len(SABOTAGE), done.stdout
    assert f"FAILED, without a browser: {len(SABOTAGE)} " in done.stdout, done.stdout


def test_an_interrupted_run_locks_the_account(server: Machine) -> None:
    process = subprocess.Popen(
        [*SMOKE, "--no-browser"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        server.wait_until_succeeds(f"getent shadow {SMOKE_LOGIN} | grep -q ':\\$'")
        time.sleep(3)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=patience(60))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 1
    assert "INTERRUPTED" in said


def test_a_deploy_has_nothing_to_change_afterwards() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
