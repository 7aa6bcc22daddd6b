"""Fixtures: a running web server with two sessions, with and without a session domain."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import npm
from tests.infra.components.web import front

OTHER, OWN = "alix", "demo"


DOMAIN = "big-data.example"


@pytest.fixture(scope="session")
def at_work() -> Iterator[front.Front]:
    with _front(None) as found:
        yield found


@pytest.fixture(scope="session")
def with_hosts() -> Iterator[front.Front]:
    """Run the web server with a session domain: each session has a host of its own."""
    with _front(DOMAIN) as found:
        yield found


@contextmanager
def _front(domain: str | None) -> Iterator[front.Front]:
    with place_for_a_front() as folder, front.front(folder, people=(OTHER, OWN), domain=domain) as found:  # fmt: skip
        yield found


@contextmanager
def place_for_a_front() -> Iterator[Path]:
    if front.nginx() is None:
        pytest.skip("no nginx on this machine (infra/bootstrap test unpacks Debian's)")
    if npm.node() is None:
        pytest.skip("no Node.js on this machine")
    # nginx's workers run as another user, who may not enter pytest's folders.
    with tempfile.TemporaryDirectory(prefix="front-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
