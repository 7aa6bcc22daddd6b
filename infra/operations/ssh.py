"""Runs ssh to a site's server as its operator; it never prompts and refuses an unknown host key."""

import shlex
import socket
import subprocess

from infra.settings.site import Site

CONNECT_SECONDS = 15


def ssh_command(site: Site) -> list[str]:
    """Return the ssh command up to the destination; the remote command is to be appended."""
    ssh = site.server.ssh
    command = ["ssh", *_options(site), "-p", str(ssh.port)]
    if through := proxy_command(site):
        # In an option's value, ssh reads a single % as a placeholder.
        command += ["-o", f"ProxyCommand={through.replace('%', '%%')}"]
    return [*command, f"{ssh.user}@{site.server.address}"]


def proxy_command(site: Site) -> str | None:
    """Return the shell command that connects to the server's SSH port through the bastion; None without a bastion.

    `-J` would not do: it connects to the bastion without the site's key and known hosts.
    """
    bastion, server = site.server.ssh.bastion, site.server.address
    if bastion is None:
        return None
    destination, _, port = bastion.partition(":")
    target = f"[{server}]" if ":" in server else server
    command = ["ssh", *_options(site), "-p", port or "22"]
    return shlex.join([*command, "-W", f"{target}:{site.server.ssh.port}", destination])


def socket_through_bastion(site: Site) -> socket.socket | None:
    """Return a socket that leads to the server's SSH port through the bastion; None without a bastion.

    The ssh at its other end goes when the socket is closed. paramiko's own ProxyCommand does not notice that this ssh has
    ended, and reads nothing at all where it was imported before gevent took the place of `select`.
    """
    through = proxy_command(site)
    if through is None:
        return None
    ours, theirs = socket.socketpair()
    with theirs:
        subprocess.Popen(shlex.split(through), stdin=theirs.fileno(), stdout=theirs.fileno())
    return ours


def _options(site: Site) -> list[str]:
    """Return the ssh options that the server and the bastion share."""
    ssh = site.server.ssh
    options = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
    options += ["-o", f"ConnectTimeout={CONNECT_SECONDS}"]
    # A server whose network is cut sends nothing: without these options a command would wait for ever.
    options += ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"]
    if site.box is not None:
        # The operator's own ssh configuration is not meant for a disposable server.
        options += ["-F", "none"]
    if ssh.key is not None:
        options += ["-i", str(ssh.key), "-o", "IdentitiesOnly=yes"]
    if ssh.known_hosts is not None:
        options += ["-o", f"UserKnownHostsFile={ssh.known_hosts}"]
        options += ["-o", "GlobalKnownHostsFile=/dev/null"]
    return options


def run(
    site: Site,
    command: str,
    *,
    input: str | None = None,  # noqa: A002 subprocess's own word
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a shell command on the server. Secrets go through `input`: arguments show in process lists."""
    return subprocess.run(
        [*ssh_command(site), command],
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
