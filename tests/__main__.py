"""`python -m tests`: runs lint, the unit tests and the tests on booted boxes in parallel, and reports what was not tested."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from infra.settings.settings_file import ROOT
from tests.junit import read_junit
from tests.pace import PACE, measure_pace, pace_of_run
from tests.run.boxes import Boxes
from tests.run.memory import MemoryWatch
from tests.run.process import BUILD, Pytest
from tests.run.report import Run
from tests.run.selection import NothingSelected, Selection, select
from tests.server.escapes.attack import TABLE as ESCAPES
from tests.server.faults.table import TABLE as FAULTS
from tests.server.tables import start_table

# All tests of a file run in one worker, since they share fixtures. The order is ours: xdist would put files of few tests
# last, however long these take.
ON_ALL_CORES = ("--numprocesses=auto", "--dist=loadfile", "--no-loadscope-reorder")
TABLES = (FAULTS, ESCAPES, "outside", "hardening")
LINT = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
)
POLL_S = 0.2
TELL_EVERY_S = 30.0


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    BUILD.mkdir(exist_ok=True)
    for name in TABLES:
        start_table(name)
    try:
        wanted = select(only=arguments.only, changed=arguments.changed)
    except NothingSelected as error:
        print(f"tests: {error}", file=sys.stderr)
        return 2
    run = Run(partial=wanted.partial, pace=measure_pace())
    os.environ[PACE] = str(pace_of_run(run.pace, boxes=wanted.server is not None))
    memory = MemoryWatch()
    boxes = Boxes(run, wanted.server)
    at_work: list[Pytest] = []
    try:
        at_work += _without_a_box(run, wanted)
        _work(run, boxes, at_work, memory)
    except KeyboardInterrupt:
        run.interrupted = run.interrupted or "no test yet"
    finally:
        stopped = [said for tests in at_work if (said := tests.interrupt())]
        for tests in at_work:
            tests.stop()
            _finish(run, tests)
        boxes.destroy()
        run.memory = memory.stop()
    if stopped or run.interrupted:
        run.broken.append(f"interrupted in {', '.join(stopped) or run.interrupted}")
    run.tell(TABLES)
    return 0 if run.passed else 1


def _without_a_box(run: Run, wanted: Selection) -> list[Pytest]:
    """Run lint, which takes seconds, then start the unit tests and return them."""
    if not wanted.partial:
        for title, command in LINT:
            with run.part(title):
                if subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode:
                    run.broken.append(title)
    if wanted.units is None:
        return []
    return [Pytest("unit", *wanted.units, *ON_ALL_CORES, gives_way=wanted.server is not None)]


def _work(run: Run, boxes: Boxes, at_work: list[Pytest], memory: MemoryWatch) -> None:
    """Start the tests of each box that becomes ready, and record those that have ended, until none is left."""
    watched: set[str] = set()
    told = time.monotonic()
    while at_work or boxes.expected():
        if time.monotonic() - told > TELL_EVERY_S:
            told = time.monotonic()
            words = [tests.progress() for tests in at_work] + boxes.progress()
            print(f"   {run.seconds / 60:.0f} min: {'; '.join(words)}", flush=True)
        at_work += boxes.start_tests()
        for tests in list(at_work):
            if tests.title not in watched:
                watched.add(tests.title)
                memory.watch(tests.title, tests.process.pid)
            if tests.ended():
                at_work.remove(tests)
                boxes.release(tests.title)
                _finish(run, tests)
        time.sleep(POLL_S)


def _finish(run: Run, tests: Pytest) -> None:
    """Record the results of a pytest that has ended."""
    print(f"\n── {tests.title} tests: {tests.seconds:.0f} s\n{tests.said()}", end="", flush=True)
    run.take(f"{tests.title} tests", started=tests.started, seconds=tests.seconds)
    found = read_junit(tests.junit).cases if tests.junit.exists() else ()
    run.cases += found
    run.left_out += sorted({case.message for case in found if case.outcome == "skipped"})
    status = tests.process.returncode
    # 5: pytest selected no test, which is normal for a word.
    if status not in (0, 5) and not any(case.outcome == "failed" for case in found):
        run.broken.append(f"{tests.title} tests (pytest ended with {status})")


def _arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument(
        "--only", default="", help="a folder or file of tests, or a word of their names"
    )
    parser.add_argument(
        "--changed", action="store_true", help="the tests that a change since main can touch"
    )
    return parser.parse_args(words)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
