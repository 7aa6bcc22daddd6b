"""Checks that the operator can run commands on the server as root, and explains ssh's errors in one sentence."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from infra.box.machine import is_running
from infra.operations import ssh
from infra.settings.box_identity import box_identity
from infra.settings.site import Site

# Enough for connecting to the bastion and to the server, and for sudo.
LIMIT_S = 60
SSH_ITSELF_FAILED = 255
# Printed by the remote shell: a server's greeting may print other text before it.
_THERE = "reached-by-the-operator"


class NotReached(Exception):
    """The server cannot be used; the message has the cause and the next step."""


@dataclass(frozen=True)
class _Cause:
    """A pattern of ssh's messages, and the function that explains it."""

    said: str
    tell: Callable[[Site, str, re.Match[str]], str]


def reach(site: Site, *, sudo_may_ask: bool = False) -> None:
    """Raises NotReached unless a command can run on the server as root. `sudo_may_ask`: sudo may need a password."""
    refuse_absent_box(site)
    root = site.server.ssh.user == "root"
    try:
        done = ssh.run(site, f"echo {_THERE}{'' if root else '; sudo -n true'}", timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise NotReached(
            f"{_server(site)} let nobody in within {LIMIT_S} s, and gave no reason. Look at its console."
        ) from None
    except FileNotFoundError:
        raise NotReached("ssh is not on this machine: install openssh-client.") from None
    if _THERE not in done.stdout:
        raise NotReached(why(site, done.stderr or done.stdout))
    if done.returncode != 0 and not (sudo_may_ask and "password is required" in done.stderr):
        raise NotReached(no_rights(site, done.stderr))


def refuse_absent_box(site: Site) -> None:
    if site.box is None:
        return
    box = box_identity()
    which = "" if box.purpose == "demo" else f" (BOX={box.purpose})"
    if not box.root.exists():
        raise NotReached(
            f"this checkout has no disposable server yet{which}: `make box` makes it. Another site: SITE=name."
        )
    if not is_running(box):
        raise NotReached(f"the disposable server{which} is stopped: `make box` starts it.")


def why(site: Site, said: str) -> str:
    """Return the cause and the next step from the messages of an ssh that failed; the earliest known message counts,
    since later ones are its consequences."""
    found = [
        (match.start(), cause, match) for cause in _CAUSES if (match := re.search(cause.said, said))
    ]
    if not found:
        last = (said.strip().splitlines() or ["nothing"])[-1].strip()
        return f"{_server(site)} is not reached; ssh says: {last}"
    _, cause, match = min(found, key=lambda one: one[0])
    return cause.tell(site, _whom(site, match.groupdict().get("host") or ""), match)


def _whom(site: Site, named: str) -> str:
    """Return « the bastion … » if ssh named it, else the server: ssh does not name a server behind a bastion."""
    bastion = site.server.ssh.bastion
    if bastion and named.rpartition("@")[2] == _host(bastion):
        return f"the bastion {_host(bastion)}"
    return _server(site)


def _server(site: Site) -> str:
    through = (
        f", through the bastion {_host(site.server.ssh.bastion)},"
        if site.server.ssh.bastion
        else ""
    )
    return f"the server {site.server.address}{through}"


def _host(bastion: str) -> str:
    return bastion.rpartition("@")[2].partition(":")[0]


def _is_bastion(whom: str) -> bool:
    return whom.startswith("the bastion")


def _unknown_name(site: Site, whom: str, match: re.Match[str]) -> str:
    setting = "server.ssh.bastion" if _is_bastion(whom) else "server.address"
    return f"{whom} has no address: this machine does not know the name {match['host']}. Mend {setting}, or your DNS."


def _refused(site: Site, whom: str, match: re.Match[str]) -> str:
    setting = "server.ssh.bastion" if _is_bastion(whom) else "server.ssh.port"
    return f"{whom} answers, but nothing listens on port {match['port']}. Is its sshd running, and is {setting} right?"


def _unreachable(site: Site, whom: str, match: re.Match[str]) -> str:
    return (
        f"{whom} does not answer on port {match['port']} ({match['reason']}). Is it up, and does a firewall let this "
        "machine through?"
    )


def _silent(site: Site, whom: str, match: re.Match[str]) -> str:
    return (
        f"{whom} takes the connection and says nothing. Is it an SSH server that listens there, and is it overloaded? "
        "Look at its console."
    )


def _not_ssh(site: Site, whom: str, match: re.Match[str]) -> str:
    setting = "server.ssh.bastion" if _is_bastion(whom) else "server.ssh.port"
    return (
        f"{whom} takes the connection and ends it without a word of SSH. Is {setting} right? If it is, its sshd turns "
        "this machine away: its journal says why (journalctl -u ssh)."
    )


def _unknown_key(site: Site, whom: str, match: re.Match[str]) -> str:
    scan = f"ssh-keyscan -p {match['port'] or 22} {match['host']}"
    where = "on the bastion" if site.server.ssh.bastion and not _is_bastion(whom) else "here"
    return (
        f"{whom} has a host key that {_known_hosts(site)} does not hold, so nobody knows that it is the right one. "
        f"Compare the key on its console with what `{scan}` says {where}, then add that line to the file."
    )


def _changed_key(site: Site, whom: str, match: re.Match[str]) -> str:
    return (
        f"the host key of what answers is not the one in {_known_hosts(site)}: {_server(site)} was installed anew, or "
        "somebody stands in between. Compare with the key on its console before anything else."
    )


def _denied(site: Site, whom: str, match: re.Match[str]) -> str:
    key = site.server.ssh.key
    offered = f"the key {key}" if key else "the keys of your agent and of ~/.ssh"
    user = match["user"]
    return (
        f"{whom} refuses {user} with {offered}. Is the public key in {user}'s authorized_keys there? A key with a "
        f"passphrase is to be unlocked first: ssh-add{f' {key}' if key else ''}"
    )


def _open_key(site: Site, whom: str, match: re.Match[str]) -> str:
    return f"the key {match['key']} is open to others, so ssh does not use it: chmod 600 {match['key']}"


def _broken_key(site: Site, whom: str, match: re.Match[str]) -> str:
    return f"the key {match['key']} cannot be used ({match['reason']}). server.ssh.key names a private key."


def _beyond(site: Site, whom: str, match: re.Match[str]) -> str:
    bastion = _host(site.server.ssh.bastion or "")
    return (
        f"the bastion {bastion} lets you in, and does not lead on to {site.server.address}, port "
        f"{site.server.ssh.port}: {match['reason'].strip()}. Is the address the one that the bastion knows, and may "
        "it forward there (AllowTcpForwarding, PermitOpen, a firewall)?"
    )


def _known_hosts(site: Site) -> str:
    return str(site.server.ssh.known_hosts or "~/.ssh/known_hosts")


def no_rights(site: Site, said: str) -> str:
    user = site.server.ssh.user
    reason = (said.strip().splitlines() or ["sudo gave no reason"])[-1].strip()
    return (
        f"{_server(site)} lets {user} in, and not act as root ({reason}). On the server: "
        f"echo '{user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/{user}"
    )


_CAUSES = (
    _Cause(r"Could not resolve hostname (?P<host>[^\s:]+)", _unknown_name),
    _Cause(r"connect to host (?P<host>\S+) port (?P<port>\d+): Connection refused", _refused),
    _Cause(
        r"connect to host (?P<host>\S+) port (?P<port>\d+): (?P<reason>(?!Connection refused)[^\r\n]+)",
        _unreachable,
    ),
    _Cause(r"Permissions [0-7]+ for '(?P<key>[^']+)' are too open", _open_key),
    _Cause(
        r"Load key \"(?P<key>[^\"]+)\": (?P<reason>(?!bad permissions)[^\r\n]+)",
        _broken_key,
    ),
    _Cause(r"REMOTE HOST IDENTIFICATION HAS CHANGED", _changed_key),
    _Cause(
        r"No \S+ host key is known for \[?(?P<host>[^\s\]]+)\]?(:(?P<port>\d+))? and you have",
        _unknown_key,
    ),
    _Cause(r"(?P<user>[^\s@]+)@(?P<host>[^\s:]+): Permission denied", _denied),
    _Cause(r"channel \d+: open failed: (?P<reason>[^\r\n]+)", _beyond),
    _Cause(r"timed out during banner exchange", _silent),
    _Cause(r"kex_exchange_identification:|banner exchange: ", _not_ssh),
)
