"""An attacker and their victim, each with a session that stays while a file of attacks runs."""

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

# What a session was given to start with: the way to the hub.
NETWORK = SessionsNetwork(layout.SESSIONS_SUBNET)
GATEWAY = str(NETWORK.gateway)
EVIL = "/user/alix/evil.html"
HUB = (GATEWAY, layout.SESSIONS_API_PORT)


@pytest.fixture(scope="session", autouse=True)
def _table() -> None:
    start_table(TABLE)


@pytest.fixture(scope="module")
def attacker(demo: Analyst) -> Iterator[Session]:
    """A kernel in demo's session, which does reach the hub: a probe that reaches nothing proves nothing."""
    session = demo.open_session()
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
    """Of the server: the sessions' bridge, Docker's own, and the one that offices know."""
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
def hostile(alix: Analyst, server: Machine, site: Site) -> Iterator[str]:
    """alix restarts her session with a server that serves her page to anybody; its address on the bridge."""
    folder = f"{site.storage.homes}/alix/.jupyter"
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
    """Where a person's session is on the sessions' bridge."""
    show = "docker inspect --format '{{.NetworkSettings.Networks.sessions.IPAddress}}'"
    return server.succeed(f"{show} {person.container}")
