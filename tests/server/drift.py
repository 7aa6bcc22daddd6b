"""A server that somebody changed, and that holds what an earlier deploy owned: one plan and one deploy for all of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.components import gpu
from infra.settings import layout
from tests.server.deployment import Deployment, deploy, plan
from tests.server.machine import Machine
from tests.smoke.kernel_settings import SCRIPT, kernel_settings

NGINX = layout.NGINX_CONFIGURATION
TOKEN = layout.PROXY_SECRET
STRAY = f"{layout.HUB_CONFIGURATION}/stray.py"
CULLER = layout.CULLER_UNIT
OLD_UNIT = "site-old-service.service"
OLD_FOLDER = "/etc/site-old"
OLD_DROP_IN = f"{layout.UNITS}/{CULLER}.d/old.conf"
FOREIGN_UNIT = "foreign.service"
# Where the toolkit of graphics cards is no more, as apt sees it.
GONE = "file:/nonexistent/toolkit"
SOURCES = gpu.source_files(GONE, b"-----BEGIN")
# What the culler's process was started with.
ENVIRONMENT = f"tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID {CULLER})/environ"
TEXT = "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n"
SYNCOOKIES = "net.ipv4.tcp_syncookies"
PWQUALITY = "/etc/security/pwquality.conf"
# How each is made wrong, and a command that succeeds while it is.
DRIFT = {
    "a file": (f"echo '# drift' >> {NGINX}", f"grep -q drift {NGINX}"),
    "a mode": (f"chmod 644 {TOKEN}", f"[ $(stat -c %a {TOKEN}) != 600 ]"),
    "a stray file": (f"echo 'c.JupyterHub.answer_yes = True' > {STRAY}", f"test -e {STRAY}"),
    "a service": (f"systemctl stop {CULLER}", f"! systemctl is-active --quiet {CULLER}"),
    "a package": ("apt-get remove --yes zstd", "! command -v zstd"),
}
SOFTENED = {
    "the kernel": (
        f"sysctl --quiet --write {SYNCOOKIES}=0",
        f"sysctl --values {SYNCOOKIES} | grep -qx 0",
    ),
    "sudo": ("chmod 755 /etc/sudoers.d", "[ $(stat -c %a /etc/sudoers.d) = 755 ]"),
    "SSH": ("chmod 644 /etc/ssh/sshd_config", "[ $(stat -c %a /etc/ssh/sshd_config) = 644 ]"),
    "passwords": (f"echo 'minlen = 4' >> {PWQUALITY}", f"grep -q 'minlen = 4' {PWQUALITY}"),
}
# What repairs these, and restarts what read them.
PLANNED = {
    "System | Install the packages",
    "Hardening | Put the kernel settings in force",
    "Hardening | Write what logins obey",
    "Hardening | Close /etc/sudoers.d to others",
    "Hardening | Close /etc/ssh/sshd_config to others",
    "JupyterHub | Make the proxy's token",
    "JupyterHub | Configure JupyterHub",
    "JupyterHub | Run the proxy",
    "JupyterHub | Run the hub",
    "JupyterHub | Run the culler of idle sessions",
    "Web | Configure nginx",
    "Web | Serve the web",
    "Graphics cards, given up | Remove NVIDIA's container toolkit and where it came from",
    "System | Refresh the package lists, at most once a day",
    "Record what is about to be owned",
    "Deploy record | Remove what an earlier deploy owned",
    "Deploy record | Record what was deployed",
}


@dataclass(frozen=True)
class Healing:
    planned: tuple[str, ...]
    deployed: Deployment


@contextmanager
def healing(server: Machine) -> Iterator[Healing]:
    """Make all of this wrong at once, plan, and deploy."""
    wrong = DRIFT | SOFTENED
    try:
        _leave_of_an_earlier_deploy(server)
        for command, _ in wrong.values():
            server.succeed(command, timeout_s=300)
        _lose_a_source_of_packages(server)
        assert broken(server) == set(wrong), "the test broke something else"
        assert kernel_settings(server.succeed(SCRIPT)).wrong == (f"{SYNCOOKIES} is 0, not 1",)
        on_record = server.succeed(f"cat {layout.DEPLOYS}")
        planned = plan()
        assert broken(server) == set(wrong), "the plan changed something"
        assert server.succeed(f"cat {layout.DEPLOYS}") == on_record
        yield Healing(planned, deploy())
    finally:
        server.execute(f"systemctl disable --now {FOREIGN_UNIT}")
        server.execute(f"rm -f {layout.UNITS}/{FOREIGN_UNIT}; systemctl daemon-reload")


def broken(server: Machine) -> set[str]:
    return {
        what for what, (_, probe) in (DRIFT | SOFTENED).items() if server.execute(probe).status == 0
    }


def _leave_of_an_earlier_deploy(server: Machine) -> None:
    """Leave a unit, a folder and a drop-in that the record names as the last deploy's; and a unit of somebody else."""
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    record["owned"]["units"].append(OLD_UNIT)
    record["owned"]["directories"].append(OLD_FOLDER)
    record["written"]["files"] += [OLD_DROP_IN]
    server.succeed(f"cat > {layout.DEPLOY_RECORD}", stdin=json.dumps(record))
    server.succeed(f"mkdir {OLD_FOLDER} && touch {OLD_FOLDER}/file")
    for unit in (OLD_UNIT, FOREIGN_UNIT):
        server.succeed(f"printf '{TEXT}' > {layout.UNITS}/{unit}")
        server.succeed(f"systemctl daemon-reload && systemctl enable --now {unit}")
    server.succeed(
        f"mkdir -p $(dirname {OLD_DROP_IN}) && printf '[Service]\\nEnvironment=STRAY=1\\n' > {OLD_DROP_IN} && "
        f"systemctl daemon-reload && systemctl restart {CULLER}"
    )
    # A process that systemd has just made has systemd's environment, until it is the service. DRIFT stops it: the deploy
    # starts it again before it takes the drop-in away.
    server.wait_until_succeeds(f"{ENVIRONMENT} | grep -qx STRAY=1")


def _lose_a_source_of_packages(server: Machine) -> None:
    """The deploy that wrote these stopped half-way, so no record names them; then the mirror lost the toolkit."""
    for name, file in SOURCES.items():
        server.succeed(
            f"mkdir -p $(dirname {layout.APT}/{name}) && cat > {layout.APT}/{name}",
            stdin=file.content.decode(),
        )
    server.fail("apt-get -q update")
    # The packages' lists are a day old: this deploy reads the sources.
    server.succeed(f"rm -f {layout.APT_STAMP}")
