"""Is the server's clock the site's? What keeps it says so."""

from collections.abc import Sequence

from tests.server.machine import Machine

# The server that was last asked: each keeper tells its own, by the name that its configuration has.
_SOURCE = """
if systemctl is-active --quiet chrony; then chronyc -N -c tracking | cut -d, -f2
else timedatectl show-timesync --property=ServerName --value; fi
"""


def source(server: Machine) -> str:
    return server.execute(_SOURCE).out.strip()


def clock_problem(synchronised: str, source: str, servers: Sequence[str]) -> str:
    """What is wrong with it; nothing when it is right. `servers`: the site's, or none when it names none."""
    wanted = (
        f"the site's time servers ({', '.join(servers)})" if servers else "Debian's time servers"
    )
    if synchronised != "yes":
        return f"the clock is not synchronised: the server does not reach {wanted}"
    if servers and source and source not in servers:
        return f"the time comes from {source}, not from {wanted}"
    return ""
