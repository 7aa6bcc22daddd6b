"""pyinfra's inventory: the one server of the site named by $SITE."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import paramiko

# pyinfra runs this file by its path: the checkout's root is not yet where modules are looked for.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from infra.site import Site, SiteError, load_site
from infra.ssh import proxy_command

TIMEOUT_S = 1800


def without_delay(sock: socket.socket, **kwargs: Any) -> paramiko.Transport:
    """paramiko leaves Nagle's algorithm on, which costs 45 ms a command."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return paramiko.Transport(sock, **kwargs)


def connection(site: Site) -> dict[str, Any]:
    """What paramiko needs to know beyond pyinfra's own settings."""
    through = proxy_command(site)
    bastion = {"sock": paramiko.ProxyCommand(through)} if through else {}
    return {"transport_factory": without_delay, **bastion}


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
