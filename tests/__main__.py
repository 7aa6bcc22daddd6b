"""`python -m tests`: lint, unit tests, then the tests on a booted box; the last lines say what was proven and what not."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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
RUNNING = BUILD / "running-test.txt"
HANGS_S = 600
"""Four times the slowest test where two cores are shared: one that hangs fails, and the others run."""
LAST_WORDS_S = 60
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
    """The test that ran when somebody, or the time limit, stopped this run."""

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

    def pytest(self, title: str, *arguments: str) -> None:
        junit = BUILD / f"{title}.xml"
        junit.unlink(missing_ok=True)
        with self.step(f"{title} tests"):
            status = self._run_pytest(f"--junit-xml={junit}", *arguments)
        found = read_junit(junit).cases if junit.exists() else ()
        self.cases += found
        self.left_out += sorted({case.message for case in found if case.outcome == "skipped"})
        if self.interrupted:
            raise KeyboardInterrupt
        # 5: nothing was selected, which a -k may well mean.
        if status not in (0, 5) and not any(case.outcome == "failed" for case in found):
            self.broken.append(f"{title} tests (pytest ended with {status})")

    def _run_pytest(self, *arguments: str) -> int:
        command = [sys.executable, "-m", "pytest", "-q", f"--timeout={HANGS_S}", *arguments]
        RUNNING.unlink(missing_ok=True)
        environment = os.environ | {"RUNNING_TEST": str(RUNNING)}
        with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
            try:
                return process.wait()
            except KeyboardInterrupt:
                # pytest writes down what it has done, which the report needs.
                self.interrupted = RUNNING.read_text() if RUNNING.exists() else "no test yet"
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(LAST_WORDS_S)
                process.kill()
                return process.wait()

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


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    BUILD.mkdir(exist_ok=True)
    for name in TABLES:
        start_table(name)
    run = Run()
    unit = arguments.unit or not arguments.server
    try:
        with _test_box(run, wanted=arguments.server or not arguments.unit) as box:
            only = ["-k", arguments.k] if arguments.k else []
            if unit:
                run.lint()
                run.pytest("unit", "tests", *NO_BOX, *ON_ALL_CORES, *only)
            if box is not None:
                _server_tests(run, box, only)
    except KeyboardInterrupt:
        run.broken.append(f"interrupted{run.interrupted and f' in {run.interrupted}'}")
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


def _server_tests(run: Run, box: subprocess.Popen[bytes], only: Sequence[str]) -> None:
    with run.step("the test box boots, is deployed to and builds its base (the rest of it)"):
        status = box.wait()
        print(BOX_LOG.read_text(errors="replace")[-4000:], end="")
    if status != 0:
        run.broken.append(f"the test box (its log: {BOX_LOG.relative_to(ROOT)})")
        return
    os.environ.update({preparation.PREPARED: "1", "BOX": PURPOSE})
    folders = [name for name in ("tests/images", "tests/server") if Path(ROOT, name).is_dir()]
    run.pytest("server", *folders, "--box", *only)
    run.left_out.append("tests marked `long`: each fault in each state (`make faults` runs them)")


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
