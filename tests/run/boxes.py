"""Test boxes of a run: made in the background, used by their tests when they are ready, then destroyed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.run.process import BUILD, Pytest
from tests.run.report import Run
from tests.run.selection import ON_A_BOX
from tests.server import preparation
from tests.server.deployment import TEST_BOX
from tests.smoke import chromium

# Memory that must be free for a second box with its sessions, in GB.
SECOND_BOX_GB = 14
# Tests that break the server: they run on a box of their own.
BREAKING = "tests/server/faults"
# Before them, on the same box, so that both boxes end at about the same time.
BEFORE = ("tests/server/escapes", "tests/server/test_directory.py")
LONG = "tests marked `long`: each fault in each state, and kills of a cluster of Spark (`make faults` runs them)"


@dataclass(frozen=True)
class Box:
    """A box and its tests: those of one title run in sequence, and the titles run in parallel."""

    purpose: str
    lines: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Leaving:
    """A box that is being destroyed."""

    purpose: str
    process: subprocess.Popen[bytes]
    log: Path
    started: float

    def __str__(self) -> str:
        return f"the box « {self.purpose} »"


class Boxes:
    """The boxes of a run. The second one is made when the first is ready, since the images are then in the cache."""

    def __init__(self, run: Run, tests: Sequence[str] | None) -> None:
        self._run = run
        self._waiting = list(_boxes(run, tests))
        self._made: list[str] = []
        self._at_work: dict[str, set[str]] = {}
        self._leaving: list[Leaving] = []
        self._gone: set[str] = set()
        self._preparing: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._prepare_next()

    def expected(self) -> bool:
        """Whether there are boxes whose tests have not started."""
        return bool(self._waiting)

    def start_tests(self) -> list[Pytest]:
        """Start and return the tests of a box that has just become ready; none if there is no such box."""
        self._note_gone()
        if self._preparing is None or (status := self._preparing.poll()) is None:
            return []
        self._preparing = None
        box = self._waiting.pop(0)
        log = _log(box)
        if status != 0:
            print(log.read_text(errors="replace")[-4000:], flush=True)
            self._run.broken.append(f"the box « {box.purpose} »: {log.relative_to(ROOT)}")
            self._waiting.clear()
            return []
        self._tell_parts(box)
        self._prepare_next()
        self._at_work[box.purpose] = set(box.lines)
        env = {preparation.PREPARED: "1", "BOX": box.purpose, TEST_BOX: box.purpose}
        return [Pytest(title, *tests, "--box", env=env) for title, tests in box.lines.items()]

    def progress(self) -> list[str]:
        """Return a line about the box that is being made, if there is one."""
        return [f"the box « {self._waiting[0].purpose} » is made"] if self._waiting else []

    def release(self, title: str) -> None:
        """Note that the tests of this title have ended, and destroy their box if it has no others."""
        for purpose, titles in self._at_work.items():
            if title in titles:
                titles.discard(title)
                if not titles:
                    self._begin_to_destroy(purpose)

    def destroy(self) -> None:
        """Destroy all boxes that were begun, unless KEEP_BOX=1."""
        if self._preparing is not None and self._preparing.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._preparing.pid, signal.SIGTERM)
            self._preparing.wait()
        for purpose in self._made:
            self._begin_to_destroy(purpose)
        for box in self._leaving:
            box.process.wait()
        self._note_gone()

    def _note_gone(self) -> None:
        """Record the boxes that are destroyed by now."""
        for box in self._leaving:
            if box.purpose in self._gone or (status := box.process.poll()) is None:
                continue
            self._gone.add(box.purpose)
            seconds = time.monotonic() - box.started
            self._run.take(f"{box} is destroyed", started=box.started, seconds=seconds)
            if status != 0:
                print(box.log.read_text(errors="replace")[-4000:], flush=True)
                self._run.broken.append(f"{box} could not be destroyed")

    def _begin_to_destroy(self, purpose: str) -> None:
        if preparation.keep() or any(box.purpose == purpose for box in self._leaving):
            return
        log = BUILD / f"{purpose}-box-destroyed.log"
        with log.open("wb") as said:
            process = preparation.begin_to_destroy(purpose, said)
        self._leaving.append(Leaving(purpose, process, log, time.monotonic()))

    def _prepare_next(self) -> None:
        if not self._waiting:
            return
        box = self._waiting[0]
        self._made.append(box.purpose)
        self._started = time.monotonic()
        with _log(box).open("wb") as log:
            self._preparing = subprocess.Popen(
                [sys.executable, "-m", "tests.server.preparation"],
                cwd=ROOT,
                env=os.environ | {TEST_BOX: box.purpose},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _tell_parts(self, box: Box) -> None:
        made = preparation.read_record(box.purpose)
        started = self._started
        for what, seconds in (
            ("boots", made.boot_s),
            ("is deployed to", made.first.seconds),
            ("builds its base", made.build_s),
        ):
            self._run.take(f"the box « {box.purpose} » {what}", started=started, seconds=seconds)
            started += seconds
        print(f"\n── the box « {box.purpose} » is ready", flush=True)


def _boxes(run: Run, tests: Sequence[str] | None) -> Iterator[Box]:
    """Yield the boxes with their tests; none if no box can boot, and the reason is reported."""
    if tests is None:
        run.left_out.append("the tests on a booted server and in the images: not asked for")
        return
    if reason := preparation.obstacle():
        run.left_out.append(
            "the tests on a booted server and in the images, the smoke test included: "
            f"this machine cannot boot a box: {'; '.join(reason.splitlines())}"
        )
        return
    if reason := chromium.missing():
        run.left_out.append(f"the smoke test's browser: {reason}")
    run.left_out.append(LONG)
    if tuple(tests) == ON_A_BOX and _free_gb() >= SECOND_BOX_GB:
        images, server = ON_A_BOX
        others = (*BEFORE, BREAKING)
        whole = (server, *(f"--ignore={one}" for one in others))
        yield Box("test", {"server": whole, "images": (images,)})
        yield Box("test2", {"faults": others})
    else:
        yield Box("test", {"server": tuple(tests)})


def _free_gb() -> float:
    """Return the available memory in GB (10^9 bytes)."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1e6
    return 0.0


def _log(box: Box) -> Path:
    return BUILD / f"{box.purpose}-box.log"
