"""Operators: what each does as root is on record by their own name, and their key may be in hardware."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.operations import ssh
from infra.settings.box_identity import box_identity
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import SITES
from tests.pace import patience
from tests.server.deployment import PURPOSE
from tests.server.hardware_key import Device, agent
from tests.server.machine import Machine

# As an operator's own: the key is that of the agent, since the setting is left out.
SITE = """
title = "Essai"
accounts = "infra/sites/box.accounts.toml"
projects = "infra/sites/box.projects.toml"
[server]
address = "{address}"
[server.ssh]
user = "{user}"
known_hosts = "{known_hosts}"
[tls]
authority = "own"
[bases.demo]
[bases.cohorte]
[profiles.petite]
title = "Petite"
memory_gb = 2
cpus = 1
[access]
operators = ["{user}"]
"""
LOGIN = "mdurand"


@pytest.fixture
def device(server: Machine) -> Iterator[Device]:
    """Give the key of a second operator, who has an account on the server as a site makes it."""
    found = Device()
    home = f"/home/{LOGIN}"
    server.succeed(
        f"useradd --create-home --groups operators {LOGIN}; "
        f"echo '{LOGIN} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/{LOGIN}; "
        f"install -d -m 700 -o {LOGIN} {home}/.ssh; cat > {home}/.ssh/authorized_keys; "
        f"cat /home/ops/.ssh/authorized_keys >> {home}/.ssh/authorized_keys; "
        f"chown {LOGIN} {home}/.ssh/authorized_keys",
        stdin=f"{found.public}\n",
    )
    yield found
    server.execute(f"userdel --remove {LOGIN}; rm -f /etc/sudoers.d/{LOGIN}")


@pytest.mark.usefixtures("device")
def test_sudo_is_journalled_with_the_operators_own_name(server: Machine, site: Site) -> None:
    mark = secrets.token_hex(8)
    for user in (site.server.ssh.user, LOGIN):
        login = site.server.ssh.model_copy(update={"user": user})
        as_user = site.model_copy(update={"server": site.server.model_copy(update={"ssh": login})})
        done = ssh.run(as_user, f"sudo -n true {mark}-{user}", timeout=patience(60))
        assert done.returncode == 0, done.stderr
    lines = server.wait_until_succeeds(
        f"journalctl --identifier=sudo --since=-5min -o cat --no-pager | grep 'COMMAND=.*{mark}'"
    ).splitlines()
    told = {line.split(" : ")[0].strip(): line for line in lines if f"true {mark}" in line}
    assert set(told) == {site.server.ssh.user, LOGIN}, lines
    for user, line in told.items():
        assert line.endswith(f"USER=root ; COMMAND=/usr/bin/true {mark}-{user}"), line


def test_a_key_in_hardware_opens_the_server_to_ssh_and_to_deploys_by_an_agent(
    device: Device, site: Site, tmp_path: Path
) -> None:
    file = SITES / f"hardware-{os.getpid()}.local.toml"
    file.write_text(
        SITE.format(
            address=site.server.address, user=LOGIN, known_hosts=box_identity(PURPOSE).known_hosts
        )
    )
    command = [sys.executable, "-m", "pyinfra", "infra/inventory.py", "exec", "--", "id", "-u"]
    (tmp_path / "home").mkdir()
    environment = {
        **os.environ,
        "SITE": file.stem,
        "HOME": str(tmp_path / "home"),
        "SSH_AUTH_SOCK": str(tmp_path / "agent"),
    }

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=patience(120), check=False,
        )  # fmt: skip

    try:
        with agent(device, socket=tmp_path / "agent"):
            done = run()
            assert done.returncode == 0, done.stdout + done.stderr
            # ssh for the check before, and paramiko for the deploy itself.
            assert device.touched == 2
        with agent(Device(), socket=tmp_path / "another"):
            environment["SSH_AUTH_SOCK"] = str(tmp_path / "another")
            done = run()
            assert done.returncode != 0
            assert f"refuses {LOGIN} with the keys of your agent" in done.stdout + done.stderr
    finally:
        file.unlink()
