"""Fixtures: the sessions of an attacker and a victim, which the tests of a file share."""

import json
from collections.abc import Iterator

import pytest

from infra.settings import layout
from infra.settings.offer import Profile
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.site import Site
from tests.server.analyst import PROFILE, Analyst
from tests.server.escapes.attack import INSIDE, TABLE
from tests.server.machine import Machine
from tests.server.tables import start_table
from tests.smoke.session import Session

# The address of the hub's API, which every session may reach.
NETWORK = SessionsNetwork(layout.SESSIONS_SUBNET)
GATEWAY = str(NETWORK.gateway)
EVIL = "/user/alix/files/evil.html"
HUB = (GATEWAY, layout.SESSIONS_API_PORT)


@pytest.fixture(scope="session", autouse=True)
def _table() -> None:
    start_table(TABLE)


@pytest.fixture(scope="module")
def image(site: Site) -> str:
    """Give the name of the image of the attacker's session."""
    return site.profiles[PROFILE].image


@pytest.fixture(scope="module")
def attacker(demo: Analyst) -> Iterator[Session]:
    """Give demo's session with a kernel, after checking that its probe reaches the hub's API."""
    session = demo.open_session_of(PROFILE)
    assert session.reach(*HUB) == "open"
    yield session
    session.kernel.close()


@pytest.fixture(scope="module")
def victim(alix: Analyst) -> Iterator[Session]:
    session = alix.open_session()
    yield session
    session.kernel.close()


@pytest.fixture(scope="module")
def addresses(server: Machine, demo: Analyst, attacker: Session) -> dict[str, str]:
    """Give the server's addresses on the sessions' bridge, on Docker's bridge and outside."""
    shown = json.loads(server.succeed("ip -json -4 address show"))
    found = {link["ifname"]: link["addr_info"][0]["local"] for link in shown if link["addr_info"]}
    outer = server.succeed("ip -json route get 192.0.2.1")
    return {
        "bridge": found[layout.SESSIONS_BRIDGE],
        "docker": found[layout.DOCKER_BRIDGE],
        "outer": json.loads(outer)[0]["prefsrc"],
    }


@pytest.fixture
def profile(site: Site) -> Profile:
    return site.profiles[PROFILE]


@pytest.fixture(scope="module")
def hostile(alix: Analyst, server: Machine) -> Iterator[str]:
    """Restart alix's session with a server that serves a hostile page to anybody; give its address on the bridge."""
    folder = f"{alix.home}/.jupyter"
    alix.open_session().kernel.close()
    alix.hub.stop()
    server.succeed(f"install -d -o alix -g alix {folder}")
    server.succeed(
        f"cat > {folder}/jupyter_server_config.py && chown alix:alix {folder}/*",
        stdin=(INSIDE / "hostile_server.py").read_text(),
    )
    try:
        alix.open_session().kernel.close()
        yield address_of(server, alix)
    finally:
        server.execute(f"rm -rf {folder}")
        alix.hub.stop()


def address_of(server: Machine, person: Analyst) -> str:
    """Return the address of a person's session on the sessions' bridge."""
    show = "docker inspect --format '{{.NetworkSettings.Networks.sessions.IPAddress}}'"
    return server.succeed(f"{show} {person.container}")
