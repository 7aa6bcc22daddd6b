"""Measures how slow this machine is now, against the reference machine, and scales time limits of tests by it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time

PACE = "TEST_PACE"
# Seconds for the work below on each of two idle cores of the reference machine.
REFERENCE_S = 1.0
# Above this factor, a test cannot tell slow from hanging.
SLOWEST = 8.0
# The least factor of a run with boxes: the measure is taken before they work beside each other and the unit tests.
BESIDE_BOXES = 4.0
ROUNDS = 1_150_000


def patience(seconds: float) -> float:
    """Return a time limit in seconds, longer on a slow or busy machine, and never shorter than given."""
    return seconds * float(os.environ.get(PACE) or 1)


def pace_of_run(measured: float, *, boxes: bool) -> float:
    """Return the factor for the time limits of a run, which may have boxes at work beside its tests.

    A limit that only a hanging test reaches costs nothing when it is too long, and a good change when it is too short.
    """
    return max(measured, BESIDE_BOXES) if boxes else measured


def measure_pace() -> float:
    """Return the factor of slowness: 1.0 on the reference machine or a faster one, up to 8.0.

    All processors work at once: what else runs here is part of the answer.
    """
    command = [sys.executable, "-m", "tests.pace"]
    started = time.perf_counter()
    at_work = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {PACE: ""})
        for _ in range(os.cpu_count() or 1)
    ]
    for process in at_work:
        process.wait()
    return round(min(max((time.perf_counter() - started) / REFERENCE_S, 1.0), SLOWEST), 2)


def _work() -> None:
    """Run a mix of Python and C code, as tests do."""
    digest = b""
    for number in range(ROUNDS):
        digest = hashlib.md5(digest + str(number).encode(), usedforsecurity=False).digest()


if __name__ == "__main__":
    _work()
