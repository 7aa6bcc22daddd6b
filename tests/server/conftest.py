"""The people of the test box: two analysts, each with a running session."""

from collections.abc import Iterator

import pytest

from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.smoke.session import Session


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
    """A fresh kernel in demo's session, which stays from test to test."""
    session = demo.open_session()
    yield session
    session.kernel.close()
