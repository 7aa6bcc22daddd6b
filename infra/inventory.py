"""pyinfra's inventory: the one server of the site named by $SITE."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import paramiko
from gevent.hub import Hub
from pyinfra.api.exceptions import PyinfraError

# pyinfra runs this file by its path: the checkout's root is not yet where modules are looked for.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from infra.site import Site, SiteError, load_site
from infra.ssh import proxy_command

TIMEOUT_S = 1800
# A server that is cut off says nothing: without these, a deploy would wait for it for ever.
KEEPALIVE_S = 15
SILENCE_S = 60
# pyinfra reports these itself, a connection that ends while it asks included; gevent would add the
# traceback of a greenlet.
Hub.NOT_ERROR = (*Hub.NOT_ERROR, PyinfraError, EOFError, paramiko.SSHException)


class Connection(paramiko.Transport):
    """pyinfra tells a lost connection as the failure of whatever it was doing: this says what happened."""

    ended = False

    def stop_thread(self) -> None:
        # By close(), and by paramiko when the program ends: neither is a loss.
        self.ended = True
        super().stop_thread()

    def run(self) -> None:
        super().run()
        if not self.ended:
            print(
                "The connection to the server was lost. Run the same command again: it goes on from there.",
                file=sys.stderr,
                flush=True,
            )


def transport(sock: socket.socket, **kwargs: Any) -> paramiko.Transport:
    """paramiko leaves Nagle's algorithm on, which costs 45 ms a command, and notices no cut."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_S * 1000)
    made = Connection(sock, **kwargs)
    made.set_keepalive(KEEPALIVE_S)
    return made


def connection(site: Site) -> dict[str, Any]:
    """What paramiko needs to know beyond pyinfra's own settings."""
    through = proxy_command(site)
    bastion = {"sock": paramiko.ProxyCommand(through)} if through else {}
    return {"transport_factory": transport, **bastion}


def _server() -> tuple[str, dict[str, Any]]:
    try:
        site = load_site(os.environ.get("SITE") or "box")
    except SiteError as error:
        sys.exit(f"{error}")
    ssh = site.server.ssh
    data: dict[str, Any] = {
        "ssh_hostname": site.server.address,
        "ssh_user": ssh.user,
        "ssh_port": ssh.port,
        "ssh_strict_host_key_checking": "yes",
        "ssh_connect_retries": 3,
        "ssh_paramiko_connect_kwargs": connection(site),
        "site": site,
        "_sudo": ssh.user != "root",
        "_timeout": TIMEOUT_S,
    }
    if ssh.key is not None:
        data["ssh_key"] = str(ssh.key)
        data["ssh_allow_agent"] = False
        data["ssh_look_for_keys"] = False
    if ssh.known_hosts is not None:
        data["ssh_known_hosts_file"] = str(ssh.known_hosts)
    return site.name, data


servers = [_server()]
