"""Observes a user's browser and kernel during a fault, four times a second."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import requests
import websocket

from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.faults.states import Activity
from tests.smoke.kernel import Kernel, KernelError

PERIOD_S = 0.25
# A later answer counts as a failure, since a user notices it.
ANSWER_S = 5.0
# Not the login form, which is limited per address; this page also passes through web server, proxy and hub.
DOOR = "/hub/home"
KINDS = (
    ("certificate", "certificate refused"),
    ("ssl", "no TLS"),
    ("refused", "connection refused"),
    ("unreachable", "unreachable"),
    ("no route", "unreachable"),
    ("timed out", "no answer"),
    ("timeout", "no answer"),
    ("no end within", "no answer"),
)


@dataclass(frozen=True)
class Sample:
    asked: float
    answered: float
    trouble: str
    """The failure; empty when the answer was good."""


class Watch:
    """Repeats one request in a thread of its own, and records the samples."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self.samples: list[Sample] = []
        self._ask = ask
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            asked = time.monotonic()
            trouble = self._ask()
            self.samples.append(Sample(asked, time.monotonic(), trouble))
            self._stop.wait(max(0.0, asked + PERIOD_S - time.monotonic()))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=60)

    def is_well_since(self, moment: float) -> bool:
        """Whether the last two requests, both sent after that moment, got good answers."""
        last = self.samples[-2:]
        return len(last) == 2 and all(one.asked >= moment and not one.trouble for one in last)

    def troubles(self, since: float) -> dict[str, float]:
        """Return the duration of each kind of failure in seconds."""
        lasted: dict[str, float] = {}
        for one, following in zip(self.samples, self.samples[1:], strict=False):
            if one.trouble and one.answered >= since:
                end = following.asked if following.trouble else following.answered
                start = max(one.asked, since)
                lasted[one.trouble] = lasted.get(one.trouble, 0.0) + end - start
        return lasted

    def recovered_at(self, since: float) -> float:
        """Return the time of the first good answer after the last failure; `since` when nothing failed."""
        moment = since
        for one, following in zip(self.samples, self.samples[1:], strict=False):
            if one.trouble and not following.trouble and one.answered >= since:
                moment = following.answered
        return moment


class Observer:
    """Watches the login page, and a kernel that holds a value found nowhere else."""

    def __init__(
        self, analyst: Analyst, *, kernel: Kernel, thesis: str, activity: Activity
    ) -> None:
        self.analyst = analyst
        self.activity = activity
        self.kernel = kernel
        self._thesis = thesis
        self._cut = False
        self.broken_at = time.monotonic()
        self.new_session_at: float | None = None
        self.page = Watch(self._ask_page)
        self.work = Watch(self._ask_kernel)

    def broken(self) -> None:
        """Set the time of the fault to now, for a test that must prepare its fault."""
        self.broken_at = time.monotonic()

    def wait_until_well(self, *, timeout_s: float = 180, with_kernel: bool = True) -> None:
        """Wait until everything answers requests sent after this call. Raises AssertionError with the failures."""
        self._wait((self.page, self.work) if with_kernel else (self.page,), timeout_s)

    def wait_until_broken(self, *, timeout_s: float = 60, with_page: bool = True) -> None:
        """Wait until the user sees the fault, for faults that always show."""
        deadline = time.monotonic() + patience(timeout_s)
        watches = (self.page, self.work) if with_page else (self.work,)
        while not all(watch.troubles(self.broken_at) for watch in watches):
            assert time.monotonic() < deadline, f"the user saw no fault: {self.seen()}"
            time.sleep(PERIOD_S)

    def wait_until_work_is_well(self, *, timeout_s: float = 60) -> None:
        """Wait for the kernel only, since the hub may still be down."""
        self._wait((self.work,), timeout_s)

    def _wait(self, watches: tuple[Watch, ...], timeout_s: float) -> None:
        start = time.monotonic()
        while not all(watch.is_well_since(start) for watch in watches):
            if time.monotonic() > start + patience(timeout_s):
                raise AssertionError(f"not well after {timeout_s:.0f} s: {self.seen()}")
            time.sleep(PERIOD_S / 2)

    def stop(self) -> None:
        self.page.stop()
        self.work.stop()

    def got_a_new_session(self) -> None:
        """Note the time of the new session, for a fault that ends sessions."""
        self.new_session_at = time.monotonic()

    def seconds(self) -> float:
        """Return the seconds from the fault until everything answers again; 0.0 when nothing failed."""
        moments = [self.page.recovered_at(self.broken_at)]
        if self.new_session_at is None:
            moments.append(self.work.recovered_at(self.broken_at))
        else:
            moments.append(self.new_session_at)
        return round(max(moments) - self.broken_at, 1)

    def seen(self) -> str:
        page = self.page.troubles(self.broken_at)
        work = self.work.troubles(self.broken_at)
        if self.new_session_at is not None:
            kernel = f"gone, a new session after {self.new_session_at - self.broken_at:.1f} s"
        else:
            kernel = f"kept, {_listed(work)}" if work else "kept, no pause"
        if not page and kernel == "kept, no pause":
            return "nothing"
        return f"login page: {_listed(page) if page else 'always there'}; kernel: {kernel}"

    def _ask_page(self) -> str:
        """Request the page without a cookie; return the failure, or empty if it leads to the login form."""
        try:
            answer = requests.get(
                f"{self.analyst.hub.url}{DOOR}",
                verify=str(self.analyst.trust),
                timeout=(ANSWER_S, ANSWER_S),
                allow_redirects=False,
                headers={"Connection": "close"},
                proxies={"http": "", "https": ""},
            )
        except (requests.RequestException, OSError) as error:
            return kind(error)
        sent = answer.status_code == 302 and "/hub/login" in answer.headers.get("Location", "")
        return "" if sent else str(answer.status_code)

    def _ask_kernel(self) -> str:
        """Ask the kernel over the open websocket, and over a new one once it is cut, as JupyterLab does."""
        try:
            if self._cut:
                with suppress(OSError, websocket.WebSocketException):
                    self.kernel.socket.close()
                self.kernel.reconnect(timeout_s=ANSWER_S)
            found = self.kernel.value("thesis", timeout_s=ANSWER_S)
        except (KernelError, requests.RequestException, OSError, ValueError) as error:
            self._cut = True
            return "value lost" if "NameError" in str(error) else kind(error)
        self._cut = False
        return "" if found == self._thesis else "value lost"


def kind(error: Exception) -> str:
    """Return the kind of a connection's failure, as the table names it."""
    text = str(error).lower()
    if (status := text.find("handshake status ")) >= 0:
        return text[status + 17 : status + 20]
    return next((words for part, words in KINDS if part in text), "connection cut")


def _listed(troubles: dict[str, float]) -> str:
    return ", ".join(f"{trouble} for {lasted:.1f} s" for trouble, lasted in troubles.items())
