"""pyinfra's inventory, which holds the one server of the site that $SITE names."""

import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

import paramiko
from gevent.hub import Hub
from pyinfra.api.exceptions import PyinfraError

# pyinfra runs this file by its path, so the checkout's root is not yet on sys.path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from infra.operate.reaching import NotReached, reach
from infra.operations.checkout import CheckoutRefused, judge
from infra.operations.ssh import socket_through_bastion
from infra.settings.site import Site, SiteError
from infra.settings.site_file import load_site

TIMEOUT_S = 1800
# A server whose network is cut sends nothing: without these limits a deploy would wait for ever.
KEEPALIVE_S = 15
SILENCE_S = 60
GOES_ON = "" if "--dry" in sys.argv else ": it goes on from there"
# Connection reports a lost connection itself; paramiko would print a traceback.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)
# pyinfra reports these errors itself, also when a connection ends during an operation's fact; gevent
# would add the traceback of a greenlet.
Hub.NOT_ERROR = (*Hub.NOT_ERROR, PyinfraError, EOFError, paramiko.SSHException)


class Connection(paramiko.Transport):
    """An SSH transport that reports a lost connection as such.

    pyinfra alone would report it as the failure of the operation that was running.
    """

    ended = False

    def stop_thread(self) -> None:
        # close() calls this, and so does paramiko when the program ends: neither is a lost connection.
        self.ended = True
        super().stop_thread()

    def get_exception(self) -> Exception | None:
        found: Exception | None = super().get_exception()
        lost = isinstance(found, EOFError) and self.authenticated
        # pyinfra prints a PyinfraError in one line, and any other exception with its traceback.
        return PyinfraError("the connection to the server was lost") if lost else found

    def run(self) -> None:
        super().run()
        # A connection that was never made cannot be lost.
        if not self.ended and self.authenticated:
            print(
                f"The connection to the server was lost. Run the same command again{GOES_ON}.",
                file=sys.stderr,
                flush=True,
            )


def transport(sock: socket.socket, **kwargs: Any) -> paramiko.Transport:
    """Make a transport without Nagle's algorithm (45 ms a command) that notices a cut network."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_S * 1000)
    made = Connection(sock, **kwargs)
    made.set_keepalive(KEEPALIVE_S)
    return made


def connection(site: Site) -> dict[str, Any]:
    """Return the paramiko options that pyinfra has no setting for."""
    through = socket_through_bastion(site)
    bastion = {"sock": through} if through else {}
    return {"transport_factory": transport, **bastion}


def _site() -> Site:
    """Load and check the site, or exit with one sentence, before pyinfra connects."""
    try:
        site = load_site(os.environ.get("SITE") or "box")
        judge(site, sys.argv)
    except (SiteError, CheckoutRefused) as error:
        sys.exit(f"{error}")
    # `debug-inventory` needs no server.
    if "debug-inventory" not in sys.argv:
        try:
            # pyinfra asks for sudo's password itself.
            reach(site, sudo_may_ask=sys.stdin.isatty())
        except NotReached as error:
            sys.exit(f"{site.name}: {error}")
    return site


def _server() -> tuple[str, dict[str, Any]]:
    site = _site()
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
