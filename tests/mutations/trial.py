"""Tests at work on the box, in a pytest of their own: which passed, and which failed of their own accord."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.junit import Case, read_junit
from tests.pace import patience

JUNIT = ROOT / "build" / "mutation.xml"
LAST_WORDS_S = 120
HANGS_S = 600
# pytest's own: some failed, or none.
TESTS_RAN = (0, 1)


@dataclass(frozen=True)
class Trial:
    cases: tuple[Case, ...]
    broken: str
    """Why nothing is known; empty otherwise."""

    @property
    def failed(self) -> tuple[Case, ...]:
        """By what a test asserts. A setup that broke proves nothing about the setting."""
        return tuple(
            case
            for case in self.cases
            if case.outcome == "failed" and not case.message.startswith("failed on ")
        )

    def of(self, test: str) -> tuple[Case, ...]:
        """The cases of one node id, all its parameters with it."""
        file, _, name = test.partition("::")
        module = file.removesuffix(".py").replace("/", ".")
        whole = f"{module}.{name.replace('::', '.')}"
        return tuple(
            case
            for case in self.cases
            if case.name == whole or case.name.startswith(f"{whole}[") or not name
        )


def run(tests: Sequence[str], *, env: Mapping[str, str], first_failure: bool) -> Trial:
    """Stopped in good order when we are: tests give back what they took."""
    JUNIT.parent.mkdir(exist_ok=True)
    JUNIT.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "--box", "--long", "-p", "no:cacheprovider"]
    command += [
        f"--timeout={patience(HANGS_S):.0f}",
        f"--junit-xml={JUNIT}",
        *(["--exitfirst"] if first_failure else []),
        *tests,
    ]
    log = JUNIT.with_suffix(".log")
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            status = process.wait()
        except BaseException:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(LAST_WORDS_S)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    if status not in TESTS_RAN or not JUNIT.exists():
        return Trial((), f"pytest ended with {status}:\n{_ending(log)}")
    return Trial(read_junit(JUNIT).cases, "")


def _ending(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
