"""`python -m tests`: lint, unit tests, the tests on a booted box beside them; the last lines say what was proven and what not."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from infra.settings_file import ROOT
from tests.junit import Case, read_junit
from tests.server import preparation
from tests.server.deployment import PURPOSE
from tests.server.escapes.attack import TABLE as ESCAPES
from tests.server.faults.table import TABLE as FAULTS
from tests.server.tables import read_table, show_table, start_table
from tests.smoke import chromium

BUILD = ROOT / "build"
BOX_LOG = BUILD / "test-box.log"
SLOWEST = 12
# Unit tests need the processors, tests on a server wait for it most of the time: they share them, and
# what others wait for goes first.
NICE = 10
HANGS_S = 600
"""Four times the slowest test where two cores are shared: one that hangs fails, and the others run."""
LAST_WORDS_S = 60
ON_A_BOX = ("tests/images", "tests/server")
LONG = "tests marked `long`: each fault in each state (`make faults` runs them)"
NO_BOX = ("--ignore=tests/server", "--ignore=tests/images")
# A file is one worker's: its tests share what its fixtures make.
ON_ALL_CORES = ("--numprocesses=auto", "--dist=loadfile")
TABLES = (FAULTS, ESCAPES, "outside", "hardening")
LINT = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
)


@dataclass
class Run:
    """What this run did so far."""

    cases: list[Case] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Steps that failed by themselves: lint, the test box, a pytest that could not start."""
    left_out: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    interrupted: str = ""
    """The tests that ran when somebody, or the time limit, stopped this run."""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        print(f"\n── {title}", flush=True)
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[title] = time.monotonic() - started
            print(f"── {title}: {self.seconds[title]:.0f} s", flush=True)

    def count(self, outcome: str) -> int:
        return sum(case.outcome == outcome for case in self.cases)

    def lint(self) -> None:
        for title, command in LINT:
            with self.step(title):
                if subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode:
                    self.broken.append(title)

    def finish(self, tests: Pytest) -> None:
        """Wait for the end of some tests, and take what they found."""
        with self.step(f"{tests.title} tests"):
            status, running = tests.wait()
        found = read_junit(tests.junit).cases if tests.junit.exists() else ()
        self.cases += found
        self.left_out += sorted({case.message for case in found if case.outcome == "skipped"})
        if running:
            self.interrupted = ", ".join(filter(None, (self.interrupted, running)))
        # 5: nothing was selected, which a -k may well mean.
        elif status not in (0, 5) and not any(case.outcome == "failed" for case in found):
            self.broken.append(f"{tests.title} tests (pytest ended with {status})")

    def tell(self) -> None:
        """The tables, the slowest, what was left out, what broke, and the line that the CI reads."""
        durations = {case.name: case.seconds for case in self.cases} | self.seconds
        for name in TABLES:
            if rows := read_table(name):
                print(f"\n{name.capitalize()}:\n{show_table(rows)}")
        print("\nSlowest:")
        for name, seconds in sorted(durations.items(), key=lambda row: -row[1])[:SLOWEST]:
            print(f"  {seconds:6.1f} s  {name}")
        print()
        failed = self.count("failed") + len(self.broken)
        print(f"{self.count('passed')} passed, {failed} failed, {self.count('skipped')} skipped")
        for case in self.cases:
            if case.outcome == "failed":
                print(f"  failed: {case.name}")
        for title in self.broken:
            print(f"  failed: {title}")
        for reason in self.left_out:
            print(f"  left out: {reason}")


class Pytest:
    """A pytest at work. In the ``background`` it gives way to others, and is heard at its end."""

    def __init__(self, title: str, *arguments: str, background: bool = False) -> None:
        self.title = title
        self.junit = BUILD / f"{title}.xml"
        self.running = BUILD / f"running-{title}-test.txt"
        self.log = BUILD / f"{title}-tests.log"
        for file in (self.junit, self.running, self.log):
            file.unlink(missing_ok=True)
        pytest = ["-m", "pytest", "-q", f"--timeout={HANGS_S}", f"--junit-xml={self.junit}"]
        nice = ["nice", f"--adjustment={NICE}"] if background else []
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*nice, sys.executable, *pytest, *arguments],
                cwd=ROOT,
                env=os.environ | {"RUNNING_TEST": str(self.running)},
                stdin=subprocess.DEVNULL if background else None,
                stdout=log if background else None,
                stderr=subprocess.STDOUT if background else None,
            )

    def wait(self) -> tuple[int, str]:
        """pytest's status; and, of one that somebody, or the time limit, stopped, the test that ran."""
        try:
            return self.process.wait(), ""
        except KeyboardInterrupt:
            return self.stop()
        finally:
            print(self.log.read_text(errors="replace"), end="", flush=True)

    def stop(self) -> tuple[int, str]:
        """End it now: it writes down what it has done, which the report needs."""
        running = self.running.read_text() if self.running.exists() else "no test yet"
        self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(LAST_WORDS_S), running
        self.process.kill()
        return self.process.wait(), running


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    BUILD.mkdir(exist_ok=True)
    for name in TABLES:
        start_table(name)
    run = Run()
    unit = arguments.unit or not arguments.server
    only = ["-k", arguments.k] if arguments.k else []
    at_work: list[Pytest] = []
    try:
        with _test_box(run, wanted=arguments.server or not arguments.unit) as box:
            if unit:
                run.lint()
                beside = box is not None
                at_work.append(
                    Pytest("unit", "tests", *NO_BOX, *ON_ALL_CORES, *only, background=beside)
                )
            if box is not None and _is_ready(run, box):
                folders = [name for name in ON_A_BOX if Path(ROOT, name).is_dir()]
                at_work.append(Pytest("server", *folders, "--box", *only))
                run.left_out.append(LONG)
            while at_work and not run.interrupted:
                run.finish(at_work.pop())
    except KeyboardInterrupt:
        run.interrupted = run.interrupted or "no test yet"
    for tests in at_work:
        tests.stop()
        run.finish(tests)
    if run.interrupted:
        run.broken.append(f"interrupted in {run.interrupted}")
    run.tell()
    return 1 if run.broken or run.count("failed") or not run.cases else 0


@contextmanager
def _test_box(run: Run, *, wanted: bool) -> Iterator[subprocess.Popen[bytes] | None]:
    """A test box that boots while the unit tests run; gone afterwards, unless KEEP_BOX=1."""
    if not wanted:
        run.left_out.append("the tests on a booted server and in the images: not asked for")
        yield None
        return
    if reason := preparation.obstacle():
        run.left_out.append(
            "the tests on a booted server and in the images, the smoke test included: "
            f"this machine cannot boot a box: {'; '.join(reason.splitlines())}"
        )
        yield None
        return
    if reason := chromium.missing():
        run.left_out.append(f"the smoke test's browser: {reason}")
    with BOX_LOG.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.preparation"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        if not preparation.keep():
            with run.step("the test box is destroyed"):
                preparation.destroy()


def _is_ready(run: Run, box: subprocess.Popen[bytes]) -> bool:
    """Wait for the test box, and let the tests that need one find it."""
    with run.step("the test box boots, is deployed to and builds its base (the rest of it)"):
        status = box.wait()
        print(BOX_LOG.read_text(errors="replace")[-4000:], end="")
    if status != 0:
        run.broken.append(f"the test box (its log: {BOX_LOG.relative_to(ROOT)})")
        return False
    os.environ.update({preparation.PREPARED: "1", "BOX": PURPOSE})
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("--unit", action="store_true", help="lint and the tests without a server")
    parser.add_argument("--server", action="store_true", help="the tests on a booted box")
    parser.add_argument("-k", default="", help="some tests: pytest's -k")
    return parser.parse_args()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
