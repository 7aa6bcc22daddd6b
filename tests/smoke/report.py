"""A pytest plugin that prints a line per check: passed or failed, with its time and where to look."""

import inspect
import re
import time
from typing import TextIO

import pytest

from infra.operations.rendering import rendered

# Lines of a failure that are printed; the log has all of them.
LINES_SHOWN = 8
STAND_IN = "STAND-IN"


class Report:
    """A pytest plugin. The first line of a test's docstring is printed as the check's name; the rest says where to look
    after a failure, with the layout's constants between two `@`."""

    def __init__(self, out: TextIO, log: TextIO) -> None:
        self.out = out
        self.log = log
        self.seconds: dict[str, float] = {}
        self.complaints: set[str] = set()
        self.promises: dict[str, tuple[str, str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            text = inspect.getdoc(getattr(item, "obj", None)) or item.name
            promise, _, look_at = text.partition("\n")
            self.promises[item.nodeid] = (promise, rendered(look_at.strip()))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        if report.failed:
            self._line("FAIL", name)
            self._explain(report)
        elif report.skipped:
            self._line("--", name)
            self._indented(_reason_of_skip(report))
        elif report.when == "call":
            # What stands in for a part that the site lacks proves the way to it, and not the part.
            stood_in = any(key == STAND_IN for key, _ in report.user_properties)
            self._line(STAND_IN if stood_in else "ok", name, measured=_measured(report))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            print(f"  FAIL       {report.nodeid} cannot be read", file=self.out)
            self._indented(str(report.longrepr))

    def _line(self, word: str, name: str, *, measured: str = "") -> None:
        promise = self.promises[name][0] + (f" ({measured})" if measured else "")
        print(line(word, self.seconds[name], promise), file=self.out, flush=True)

    def _explain(self, report: pytest.TestReport) -> None:
        stamp = time.strftime("%F %T")
        print(f"{stamp} {report.nodeid}\n{report.longreprtext}\n", file=self.log, flush=True)
        complaint = "\n".join(_complaint(report).splitlines()[:LINES_SHOWN])
        if complaint in self.complaints:
            # The same failure of several checks is printed once.
            self._indented("for the same reason as above")
            return
        self.complaints.add(complaint)
        self._indented(complaint)
        if look_at := self.promises[report.nodeid][1]:
            self._indented(f"look at: {look_at}")

    def _indented(self, text: str) -> None:
        for row in text.splitlines():
            print(f"              {row}", file=self.out, flush=True)


def line(word: str, seconds: float, promise: str) -> str:
    return f"  {word:<4} {seconds:5.1f} s  {promise}"


def _measured(report: pytest.TestReport) -> str:
    """Return the measured values that a passed test recorded."""
    return ", ".join(str(value) for name, value in report.user_properties if name == "measured")


def _complaint(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message) if crash is not None else str(report.longrepr)
    # The message of the assertion, without its expression.
    said = text.partition("\nassert ")[0]
    # Without the exception's class, which means nothing to a user.
    return re.sub(r"^([\w.]*\.)?\w*Error: ", "", said)


def _reason_of_skip(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)
