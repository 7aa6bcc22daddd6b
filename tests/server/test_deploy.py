"""Deploys: the first makes the server, a second one changes nothing, and a deploy repairs whatever was changed."""

import json
import os
import signal
import time

from infra.components.deploy_record.audit import TAG
from infra.components.hardening import MODES
from infra.operations.checkout import look
from infra.settings import layout
from tests.server.deployment import deploy, start_deploy
from tests.server.drift import DRIFT, PLANNED, SOFTENED, SYNCOOKIES, Healing, broken
from tests.server.machine import Machine
from tests.server.preparation import Preparation
from tests.smoke.kernel_settings import SCRIPT, kernel_settings

SITE_JSON = f"{layout.HUB_CONFIGURATION}/site.json"


def test_one_deploy_makes_the_server(prepared: Preparation, server: Machine) -> None:
    assert prepared.first.status == 0
    assert len(prepared.first.changed) > 20, str(prepared.first)
    for unit in ("docker", "nginx", "jupyterhub", "jupyterhub-proxy", "jupyterhub-culler"):
        server.wait_for_unit(unit)
    server.succeed(f"curl --fail --silent {layout.PROXY_URL}/hub/health")


def test_a_second_deploy_changes_nothing_and_is_on_record(
    prepared: Preparation, server: Machine
) -> None:
    before = server.succeed(f"cat {layout.DEPLOYS}").splitlines()
    second = deploy()
    assert second.status == 0, str(second)
    assert second.changed == ()
    assert second.looked_at >= len(prepared.first.changed)
    lines = server.succeed(f"cat {layout.DEPLOYS}").splitlines()
    assert lines[: len(before)] == before
    began, ended = (json.loads(line) for line in lines[len(before) :])
    assert (began["event"], began["commit"], began["ssh_user"]) == ("began", look().commit, "ops")
    assert (ended["event"], ended["deploy"], ended["changed"]) == ("ended", began["deploy"], 0)
    assert server.succeed(f"stat -c '%a %U' {layout.DEPLOYS}") == "600 root"
    journal = server.succeed(f"journalctl --identifier={TAG} --output=cat --no-pager")
    assert set(lines[-2:]) <= set(journal.splitlines())


def test_a_deploy_killed_midway_is_healed_by_the_next(server: Machine) -> None:
    """The deploy is killed after it wrote a file and before the restart that this needs."""
    server.succeed(f"sed -i 's/^/ /' {SITE_JSON}")
    started = server.succeed(f"systemctl show -P ActiveEnterTimestampMonotonic {'jupyterhub'}")
    process = start_deploy()
    try:
        server.succeed(
            f"for i in $(seq 1200); do grep -q '^ ' {SITE_JSON} && head -c 2 {SITE_JSON} | grep -q '^ '"
            " || exit 0; sleep 0.05; done; exit 1",
            timeout_s=180,
        )
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    time.sleep(2)
    after_kill = server.succeed("systemctl show -P ActiveEnterTimestampMonotonic jupyterhub")
    next_one = deploy()
    assert next_one.status == 0, str(next_one)
    now = server.succeed("systemctl show -P ActiveEnterTimestampMonotonic jupyterhub")
    assert int(now) > int(started), "the hub never read its new configuration"
    if after_kill == started:
        assert any("hub" in name.lower() for name in next_one.changed), str(next_one.changed)


def test_drift_is_planned_then_healed(healing: Healing, server: Machine) -> None:
    assert healing.deployed.status == 0, str(healing.deployed)
    assert broken(server) & set(DRIFT) == set()
    # Nothing else, such as what the killed deploy had left. A name may end with a remark on what a box cannot do.
    assert {name.partition(" (")[0] for name in healing.planned} == PLANNED
    assert set(healing.planned) <= set(healing.deployed.changed), (
        "the plan named what the deploy then did not change"
    )


def test_a_host_that_was_softened_is_hard_again_after_a_deploy(
    healing: Healing, server: Machine
) -> None:
    assert healing.deployed.status == 0, str(healing.deployed)
    assert broken(server) & set(SOFTENED) == set()
    assert kernel_settings(server.succeed(SCRIPT)).wrong == ()
    for path in ("/etc/sudoers.d", "/etc/ssh/sshd_config"):
        assert server.succeed(f"stat -c %a {path}") == MODES[path]
    server.succeed(f"grep {SYNCOOKIES} {layout.SYSCTL}")


def test_healing_once_is_enough(healing: Healing) -> None:
    """What was taken away once is not looked for again either."""
    assert healing.deployed.status == 0, str(healing.deployed)
    assert deploy().changed == ()


def test_no_secret_is_shown(prepared: Preparation, server: Machine) -> None:
    """No secret is in the output of a deploy or a plan, in the journal or in the process list."""
    values = [
        line.partition("=")[2] or line
        for line in server.succeed(f"cat {layout.SECRETS}/*").splitlines()
        if len(line) > 16
    ]
    assert len(values) >= 3, "there are no secrets: nothing is proven"
    for value in values:
        assert value not in prepared.first.output
    listed = server.succeed(
        "ps axww; journalctl --namespace='*' --no-pager --output=cat --since=-1h | tail -n 20000"
    )
    assert "jupyterhub" in listed
    assert not [value for value in values if value in listed]
    modes = server.succeed(f"stat -c '%a %n' {layout.SECRETS} {layout.SECRETS}/*").splitlines()
    assert [row for row in modes if row.split()[0][-2:] != "00"] == []


def test_the_release_is_recorded(server: Machine) -> None:
    """The record has the commit, the settings and the images of what runs."""
    record = server.succeed(f"cat {layout.DEPLOY_RECORD}")
    assert '"commit"' in record
    assert '"openchronic/jupyter:' in record
