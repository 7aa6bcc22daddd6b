"""Fixtures: the attackers' addresses, the connection to the server, and the table of attacks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.settings.box_identity import box_identity
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.deployment import PURPOSE
from tests.server.outside.door import Door
from tests.server.outside.strangers import Ipv6, ipv6, strangers
from tests.server.tables import add_row, start_table
from tests.smoke.trust import write_bundle

Note = Callable[..., None]


@pytest.fixture(scope="session")
def table() -> str:
    start_table("outside")
    return "outside"


@pytest.fixture
def note(table: str) -> Note:
    """Give a function that adds a row: what was tried, what the server answered, and what stopped it."""

    def add(attack: str, *, tried: str, answer: object, by: str) -> None:
        add_row(table, {"attack": attack, "tried": tried, "answer": str(answer), "stopped by": by})

    return add


@pytest.fixture(scope="session")
def door(site: Site, addresses: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Door:
    """Give the server's door from a stranger's address, so that its limits do not apply to our own address."""
    trust: Path = tmp_path_factory.mktemp("outside") / "authorities.pem"
    write_bundle(site, trust)
    return Door(site.server.address, trust, source=addresses[0])


@pytest.fixture(scope="session")
def addresses(site: Site) -> Iterator[tuple[str, ...]]:
    """Give more addresses, so that the limits that one attack reaches do not affect the next."""
    with strangers(box_identity(PURPOSE), count=6) as found:
        yield found


@pytest.fixture(scope="session")
def guesser(addresses: tuple[str, ...]) -> str:
    return addresses[1]


@pytest.fixture(scope="session")
def flooder(addresses: tuple[str, ...]) -> str:
    return addresses[2]


@pytest.fixture(scope="session")
def spoofer(addresses: tuple[str, ...]) -> str:
    return addresses[3]


@pytest.fixture(scope="session")
def timer(addresses: tuple[str, ...]) -> str:
    return addresses[4]


@pytest.fixture(scope="session")
def connector(addresses: tuple[str, ...]) -> str:
    return addresses[5]


@pytest.fixture(scope="session")
def logged_in(demo: Analyst) -> Analyst:
    """Give an analyst who is logged in."""
    demo.be_logged_in()
    return demo


@pytest.fixture(scope="session")
def six(site: Site) -> Iterator[Ipv6]:
    with ipv6(box_identity(PURPOSE)) as found:
        yield found
