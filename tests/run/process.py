"""Runs a pytest in a process of its own, beside others, and stops it in good order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from infra.settings.settings_file import ROOT
from tests.pace import PACE, SLOWEST, patience

BUILD = ROOT / "build"
# Unit tests use the processors, while tests on a server mostly wait: with this nice value, the former give way.
NICE = 10
HANGS_S = 600
"""Time limit of a test, several times the slowest on the reference machine, so that a hanging test fails."""
LAST_WORDS_S = 120
"""Time for a test to remove its sessions and networks, and for pytest to write its report."""


class Pytest:
    """A running pytest. ``gives_way``: it has a lower priority than other processes."""

    def __init__(
        self,
        title: str,
        *arguments: str,
        gives_way: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.title = title
        self.started = time.monotonic()
        self.seconds = 0.0
        self.junit = BUILD / f"{title}.xml"
        self.running = BUILD / f"running-{title}-test.txt"
        self.log = BUILD / f"{title}-tests.log"
        for file in (self.junit, self.running, self.log):
            file.unlink(missing_ok=True)
        limit = f"--timeout={patience(HANGS_S):.0f}"
        pytest = ["-m", "pytest", "-q", limit, f"--junit-xml={self.junit}"]
        nice = ["nice", f"--adjustment={NICE}"] if gives_way else []
        # What gives way may stand still for a while: its limits are as long as limits get.
        pace = {PACE: str(SLOWEST)} if gives_way else {}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*nice, sys.executable, *pytest, *arguments],
                cwd=ROOT,
                env=_environment() | {"RUNNING_TEST": str(self.running)} | pace | dict(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def ended(self) -> bool:
        if self.process.poll() is None:
            return False
        self.seconds = self.seconds or time.monotonic() - self.started
        return True

    def interrupt(self) -> str:
        """Interrupt it, so that it writes its report, and return the test that was running."""
        if self.ended():
            return ""
        self.process.send_signal(signal.SIGINT)
        return self.running.read_text() if self.running.exists() else "no test yet"

    def stop(self) -> None:
        """Wait for the end of an interrupted pytest, and kill it after a time limit."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience(LAST_WORDS_S))
        if not self.ended():
            self.process.kill()
            self.process.wait()
        self.ended()

    def said(self) -> str:
        """Return what it printed."""
        return self.log.read_text(errors="replace")

    def progress(self) -> str:
        """Return its progress, such as `server: 12 done, 1 FAILED, test_a runs`."""
        outcomes = "".join(re.findall(r"^([.sFExX]+)(?: +\[ *\d+%\])?$", self.said(), re.M))
        words = [f"{len(outcomes)} done"]
        if failed := outcomes.count("F") + outcomes.count("E"):
            words.append(f"{failed} FAILED")
        running = self.running.read_text() if self.running.exists() else ""
        if "::" in running:
            words.append(f"{running.rpartition('::')[2].partition('[')[0]} runs")
        return f"{self.title}: {', '.join(words)}"


def _environment() -> dict[str, str]:
    """Return this process's environment without two kinds of variables.

    With CI, pytest prints every line of a difference, which may be a million. With those of xdist's workers, a pytest
    that a test starts would behave as a worker, and not record the running test.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name != "CI" and not name.startswith("PYTEST_XDIST")
    }
