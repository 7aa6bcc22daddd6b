"""Fixtures: the two analysts of the test box, their sessions, and a deploy that mends a changed server."""

from collections.abc import Iterator

import pytest

from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.drift import Healing
from tests.server.drift import healing as heal
from tests.server.machine import Machine
from tests.smoke.session import Session


@pytest.fixture(scope="session")
def healing(server: Machine) -> Iterator[Healing]:
    """Give the plan and the deploy of a server that somebody changed."""
    with heal(server) as done:
        yield done


@pytest.fixture(scope="session")
def demo(site: Site, server: Machine) -> Iterator[Analyst]:
    analyst = Analyst("demo", site=site, server=server)
    yield analyst
    analyst.close()


@pytest.fixture(scope="session")
def alix(site: Site, server: Machine) -> Iterator[Analyst]:
    analyst = Analyst("alix", site=site, server=server)
    yield analyst
    analyst.close()


@pytest.fixture
def session(demo: Analyst) -> Iterator[Session]:
    """Give demo's session, which all tests share, with a new kernel."""
    session = demo.open_session()
    yield session
    session.kernel.close()
