"""Judges the synchronisation of the server's clock, from the output of systemd-timesyncd or chrony."""

from collections.abc import Sequence

from tests.server.machine import Machine

# Prints the time server that was last used, by its name in the configuration.
_SOURCE = """
if systemctl is-active --quiet chrony; then chronyc -N -c tracking | cut -d, -f2
else timedatectl show-timesync --property=ServerName --value; fi
"""


def source(server: Machine) -> str:
    return server.execute(_SOURCE).out.strip()


def clock_problem(synchronised: str, source: str, servers: Sequence[str]) -> str:
    """Return what is wrong with the clock, or an empty text. `servers` holds the site's time servers, if it has some."""
    wanted = (
        f"the site's time servers ({', '.join(servers)})" if servers else "Debian's time servers"
    )
    if synchronised != "yes":
        return f"the clock is not synchronised: the server does not reach {wanted}"
    if servers and source and source not in servers:
        return f"the time comes from {source}, not from {wanted}"
    return ""
