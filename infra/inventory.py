"""pyinfra's inventory: the one server of the site named by $SITE."""

import logging
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import paramiko
from gevent.hub import Hub
from pyinfra.api.exceptions import PyinfraError

# pyinfra runs this file by its path: the checkout's root is not yet where modules are looked for.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from infra.operate.reaching import NotReached, reach
from infra.operations.checkout import CheckoutRefused, judge
from infra.operations.ssh import proxy_command
from infra.settings.site import Site, SiteError
from infra.settings.site_file import load_site

TIMEOUT_S = 1800
# A server that is cut off says nothing: without these, a deploy would wait for it for ever.
KEEPALIVE_S = 15
SILENCE_S = 60
# pyinfra reports these itself, a connection that ends while it asks included; gevent would add the
# traceback of a greenlet.
GOES_ON = "" if "--dry" in sys.argv else ": it goes on from there"
# Connection says what became of it, where paramiko would show its own traceback.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)
Hub.NOT_ERROR = (*Hub.NOT_ERROR, PyinfraError, EOFError, paramiko.SSHException)


class Connection(paramiko.Transport):
    """pyinfra tells a lost connection as the failure of whatever it was doing: this says what happened."""

    ended = False

    def stop_thread(self) -> None:
        # By close(), and by paramiko when the program ends: neither is a loss.
        self.ended = True
        super().stop_thread()

    def get_exception(self) -> Exception | None:
        found: Exception | None = super().get_exception()
        lost = isinstance(found, EOFError) and self.authenticated
        # Which pyinfra tells in a line; of any other it shows the traceback.
        return PyinfraError("the connection to the server was lost") if lost else found

    def run(self) -> None:
        # The process that led through the bastion may have ended first.
        with suppress(ProcessLookupError):
            super().run()
        # What never was a connection is none lost.
        if not self.ended and self.authenticated:
            print(
                f"The connection to the server was lost. Run the same command again{GOES_ON}.",
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


def _site() -> Site:
    """Or one sentence on why nothing can be done with it, before pyinfra connects."""
    try:
        site = load_site(os.environ.get("SITE") or "box")
        judge(site, sys.argv)
    except (SiteError, CheckoutRefused) as error:
        sys.exit(f"{error}")
    # The inventory alone is shown without a server.
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
