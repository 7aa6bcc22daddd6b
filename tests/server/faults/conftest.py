"""`fault("kill -9 of the hub", state="idle")`: a user observed from before the break until all is well again."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from infra.site import Site
from tests.server.analyst import Analyst
from tests.server.faults import possessions
from tests.server.faults.observer import Observer
from tests.server.faults.states import STATES
from tests.server.machine import Machine
from tests.server.tables import add_row
from tests.smoke.kernel import Kernel, KernelError

TABLE = "faults"
WORKS = "thesis.txt", "notes.md", "figure.bin"
Fault = Callable[..., AbstractContextManager[Observer]]


class UserAtWork:
    """demo in the middle of something: a kernel with a value that exists nowhere else, and files at home."""

    def __init__(self, analyst: Analyst, site: Site) -> None:
        self.analyst = analyst
        self.files = [f"{site.storage.homes}/{analyst.login}/{name}" for name in WORKS]
        self.thesis = ""
        self.kernel: Kernel | None = None

    def resume(self) -> Kernel:
        """The kernel with its value; a new one when a fault has ended the old one's session."""
        if self.kernel is not None:
            try:
                self.kernel.reconnect()
                assert self.kernel.value("thesis") == self.thesis
            except (KernelError, OSError, AssertionError):
                self.kernel = None
        if self.kernel is None:
            self.thesis = secrets.token_hex(8)
            self.kernel = self.analyst.open_session().kernel
            self.kernel.run(f"thesis = {self.thesis!r}; import secrets")
        for name in WORKS:
            self.kernel.run(
                f"open('/home/{self.analyst.login}/{name}', 'wb').write(secrets.token_bytes(100_000))"
            )
        return self.kernel


@pytest.fixture(scope="session")
def user_at_work(demo: Analyst, site: Site) -> UserAtWork:
    return UserAtWork(demo, site)


@pytest.fixture
def fault(user_at_work: UserAtWork, server: Machine, site: Site) -> Fault:
    """fault(name, state="idle" | "build" | "deploy", keeps_session=True)

    The body breaks the server and proves that it is broken; it may mend it, too. On the way out everything must
    become well by itself, and nothing may be lost. With keeps_session=False the fault ends sessions, and the user
    must get a new one.
    """

    @contextmanager
    def observed(name: str, *, state: str, keeps_session: bool = True) -> Iterator[Observer]:
        kernel = user_at_work.resume()
        before = possessions.take(server, site, files=user_at_work.files)
        with STATES[state](server):
            observer = Observer(user_at_work.analyst, kernel=kernel, thesis=user_at_work.thesis)
            try:
                observer.wait_until_well()
                observer.broken()
                yield observer
                observer.wait_until_well(with_kernel=keeps_session)
                if keeps_session:
                    assert user_at_work.analyst.hub.is_running(), "the hub knows no session"
                else:
                    start_again(user_at_work, observer)
            finally:
                observer.stop()
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


def start_again(user: UserAtWork, observer: Observer) -> None:
    """What a user does whose session is gone: log in again if asked, start one, go on."""
    user.resume()
    observer.got_a_new_session()
