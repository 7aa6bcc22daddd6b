"""The fixture `fault("kill -9 of the hub", state="idle")`: observes a user from before a fault until all works again.

That a deploy has nothing to change afterwards is checked at the end of each file with `--long`. Otherwise it is checked
before the next deploy that could hide what the faults left: after the restarts, after the damages of the hub's database, by
the plan that an expired certificate causes, and at the very end.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

import pytest
import requests

from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import WITH_A_CARD, Analyst
from tests.server.faults import possessions
from tests.server.faults.observer import Observer
from tests.server.faults.states import STATES
from tests.server.faults.table import TABLE
from tests.server.machine import Machine
from tests.server.tables import add_row
from tests.smoke.kernel import Kernel, KernelError

NEW_SESSION_S = 240
# Cards are given in the site's order: whoever gets this one finds all of them free.
FIRST_CARD = "/dev/nvidia0"
WORKS = "thesis.txt", "notes.md", "figure.bin"
# Files of faults that may cut connections of SSH, or leave them without an answer.
CUTTING = ("test_kills", "test_restarts", "test_network", "test_power")
Fault = Callable[..., AbstractContextManager[Observer]]


class UserAtWork:
    """demo at work: a kernel with a value that exists nowhere else, files in the home, and a graphics card."""

    def __init__(self, analyst: Analyst, site: Site) -> None:
        self.analyst = analyst
        self.files = [f"{analyst.home}/{name}" for name in WORKS]
        self.thesis = ""
        self.kernel: Kernel | None = None

    def resume(self) -> Kernel:
        """Return the kernel with its value; a new one if a fault has ended the session of the old one."""
        if self.kernel is not None:
            try:
                self.kernel.reconnect()
                assert self.kernel.value("thesis") == self.thesis
            except (KernelError, OSError, AssertionError):
                self.kernel = None
        if self.kernel is None:
            self.thesis = secrets.token_hex(8)
            self.kernel = self.analyst.open_session(WITH_A_CARD).kernel
            self.kernel.run(f"thesis = {self.thesis!r}; import secrets")
        return self.kernel

    def take_a_card(self) -> None:
        """Have a session with a card, and no other: one that a test left may have none."""
        if self.analyst.cards() != [FIRST_CARD]:
            self.analyst.be_logged_in()
            if self.analyst.hub.is_running():
                self.analyst.hub.stop()
            self.resume()
        assert self.analyst.cards() == [FIRST_CARD]

    def write(self) -> None:
        """Write files with a new content for each fault."""
        assert self.kernel is not None
        for name in WORKS:
            self.kernel.run(
                f"open('/home/{self.analyst.login}/{name}', 'wb').write(secrets.token_bytes(100_000))"
            )


@pytest.fixture(autouse=True)
def _connecting(request: pytest.FixtureRequest, server: Machine) -> Iterator[None]:
    """Let each command connect where a fault may cut the connections that there are."""
    assert server.connection is not None
    with server.connection.apart() if request.path.stem in CUTTING else nullcontext():
        yield


def admits_operators(server: Machine) -> bool:
    """Whether the server lets a new connection in, whatever became of those that there are."""
    assert server.connection is not None
    with server.connection.apart():
        return server.execute("true").status == 0


@pytest.fixture(scope="session")
def user_at_work(demo: Analyst, site: Site) -> UserAtWork:
    return UserAtWork(demo, site)


@pytest.fixture
def fault(user_at_work: UserAtWork, server: Machine, site: Site) -> Fault:
    """fault(name, state="idle" | "build" | "deploy", keeps_session=True)

    The body causes the fault and checks that it happened; it may also repair it. At the end everything must recover by
    itself, and nothing may be lost. With keeps_session=False the fault ends sessions, and the user must get a new one, with
    the card that the old one had.
    """

    @contextmanager
    def observed(name: str, *, state: str, keeps_session: bool = True) -> Iterator[Observer]:
        if not keeps_session:
            user_at_work.take_a_card()
        kernel = user_at_work.resume()
        user_at_work.write()
        before = possessions.take(server, site, files=user_at_work.files)
        with STATES[state](server) as activity:
            observer = Observer(
                user_at_work.analyst,
                kernel=kernel,
                thesis=user_at_work.thesis,
                activity=activity,
            )
            try:
                observer.wait_until_well()
                assert activity.goes_on(), f"the {state} ended before anything could hit it"
                observer.broken()
                yield observer
                observer.wait_until_well(with_kernel=keeps_session)
                if keeps_session:
                    assert hub_agrees(user_at_work.analyst), "the hub knows no session"
                else:
                    start_again(user_at_work, observer)
                    assert user_at_work.analyst.cards() == [FIRST_CARD], (
                        "the old one keeps its card"
                    )
            finally:
                observer.stop()
        assert admits_operators(server)
        lost = possessions.lost(server, before)
        add_row(
            TABLE,
            {
                "fault": name,
                "state": state,
                "seen": observer.seen(),
                "seconds": observer.seconds(),
                "lost": lost,
            },
        )
        assert lost == 0, f"{lost} rows, files or users are lost"

    return observed


def hub_agrees(analyst: Analyst) -> bool:
    """Whether the hub says that the session runs; asked twice, since the fault may have cut the open connection."""
    with suppress(requests.ConnectionError):
        return analyst.hub.is_running()
    return analyst.hub.is_running()


def start_again(user: UserAtWork, observer: Observer) -> None:
    """Start a new session, as a user does whose session is gone, with retries."""
    observer.stop()
    deadline = time.monotonic() + patience(NEW_SESSION_S)
    while True:
        try:
            user.resume()
        except (AssertionError, requests.RequestException, OSError) as error:
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"no new session after {patience(NEW_SESSION_S):.0f} s: {error}"
                ) from error
            time.sleep(1)
        else:
            observer.got_a_new_session()
            return
