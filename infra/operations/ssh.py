"""Plain ssh to a site's server, as its operator: never a question, never an unknown host key."""

import shlex
import subprocess

from infra.settings.site import Site

CONNECT_SECONDS = 15


def ssh_command(site: Site) -> list[str]:
    """The command up to and including the destination; what runs there comes after."""
    ssh = site.server.ssh
    command = ["ssh", *_options(site), "-p", str(ssh.port)]
    if through := proxy_command(site):
        # In an option, ssh would take a lone % for one of its own placeholders.
        command += ["-o", f"ProxyCommand={through.replace('%', '%%')}"]
    return [*command, f"{ssh.user}@{site.server.address}"]


def proxy_command(site: Site) -> str | None:
    """The shell command whose input and output are the server's SSH port, seen from the bastion.

    Not `-J`: it would reach the bastion without the site's key and known hosts.
    """
    bastion, server = site.server.ssh.bastion, site.server.address
    if bastion is None:
        return None
    destination, _, port = bastion.partition(":")
    target = f"[{server}]" if ":" in server else server
    command = ["ssh", *_options(site), "-p", port or "22"]
    return shlex.join([*command, "-W", f"{target}:{site.server.ssh.port}", destination])


def _options(site: Site) -> list[str]:
    """For the server and for the bastion alike."""
    ssh = site.server.ssh
    options = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
    options += ["-o", f"ConnectTimeout={CONNECT_SECONDS}"]
    # A server that is cut off says nothing: no command waits for it for ever.
    options += ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"]
    if site.box is not None:
        # What operators configured for their own servers is not meant for a disposable one.
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
    """Run a shell command there. What must not be seen in a process list goes through `input`."""
    return subprocess.run(
        [*ssh_command(site), command],
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
