"""The firewall: nftables tables of our own beside Docker's, in force before Docker starts.

New rules could lock the operator out. They are therefore reverted after a minute unless the deploy confirms them over a
new SSH connection, and a reboot loads the confirmed rules only.
"""

import ipaddress
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.errors import DeployRefused
from infra.operations.ops import File, ensure, from_here, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.operations.ssh import run
from infra.settings import layout
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.site import Site

FILES = Path(__file__).parent / "files"
PACKAGES = ("nftables",)
OWNED = Owned(units=(layout.FIREWALL_UNIT,), directories=(layout.FIREWALL, layout.FIREWALL_SCRIPTS))
SAME = f"cmp --silent {layout.FIREWALL_RULES} {layout.FIREWALL_CONFIRMED}"
CONFIRM_S = 30


@deploy("Firewall")
def firewall(*, site: Site) -> None:
    written = tree(
        name="Write the rules",
        dest=layout.FIREWALL,
        files={layout.FIREWALL_RULES.rpartition("/")[2]: File(rules(site).encode())},
    )
    tree(
        name="Write how rules are tried",
        dest=layout.FIREWALL_SCRIPTS,
        files={
            name: File(rendered_file(FILES / name), mode="755")
            for name in ("try-rules", "confirm-rules", "revert-rules")
        },
    )
    service = tree(
        name="Write the firewall's unit",
        dest=layout.UNITS,
        files={layout.FIREWALL_UNIT: File(unit_text())},
        exclusive=False,
    )
    tried = ensure(
        name="Try the rules, for a minute",
        condition=f"{SAME} || systemctl is-active --quiet {layout.FIREWALL_REVERT}.timer",
        command=f"{layout.FIREWALL_SCRIPTS}/try-rules",
    )
    from_here(
        name="Confirm the rules over a new connection",
        condition=SAME,
        action=lambda: confirm(site),
        changes=[written, tried],
    )
    unit(
        name="Put the rules in force",
        unit=layout.FIREWALL_UNIT,
        watched=[layout.FIREWALL_CONFIRMED, f"{layout.UNITS}/{layout.FIREWALL_UNIT}"],
        changes=[service],
        ready="nft list chain inet site input && nft list chain bridge site forward",
    )


def rules(site: Site) -> str:
    """Return the text of the rules, for nft."""
    network = SessionsNetwork(site.network.sessions)
    return rendered_file(
        FILES / "rules.nft",
        SESSIONS=network.addresses,
        GATEWAY=network.gateway,
        SSH=_ssh(site.server.ssh.port, site.server.ssh.sources),
    ).decode()


def unit_text() -> bytes:
    return rendered_file(FILES / layout.FIREWALL_UNIT)


def _ssh(port: int, sources: Sequence[str]) -> str:
    if not sources:
        return f"tcp dport {port} accept"
    lines = []
    for version, word in ((4, "ip"), (6, "ip6")):
        found = [one for one in sources if ipaddress.ip_network(one).version == version]
        if found:
            lines.append(f"{word} saddr {{ {', '.join(found)} }} tcp dport {port} accept")
    return "\n    ".join(lines)


def confirm(site: Site) -> None:
    """Confirm the new rules over a new connection. Raises DeployRefused when they do not let it in."""
    sudo = "" if site.server.ssh.user == "root" else "sudo "
    try:
        done = run(site, f"{sudo}{layout.FIREWALL_SCRIPTS}/confirm-rules", timeout=CONFIRM_S)
        said = done.stderr.strip()
    except subprocess.TimeoutExpired:
        said = f"no answer within {CONFIRM_S} s"
    else:
        if done.returncode == 0:
            return
    raise DeployRefused(
        f"firewall: a new connection under the new rules failed ({said}): the server takes the old rules back "
        f"within a minute. Look at server.ssh.port ({site.server.ssh.port}) and server.ssh.sources "
        f"({', '.join(site.server.ssh.sources) or 'everywhere'}): is your own address among them?"
    )
