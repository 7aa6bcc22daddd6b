"""How slow this machine is now, against the one that time limits were written on: a limit that a test waits for follows it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time

PACE = "TEST_PACE"
# Seconds for the work below on each of two quiet cores of the machine that the limits were written on.
REFERENCE_S = 1.0
# What is slower still hangs, for all that a test can tell.
SLOWEST = 8.0
ROUNDS = 1_150_000


def patience(seconds: float) -> float:
    """A time limit, longer on a machine that is slow or busy. Never shorter than written."""
    return seconds * float(os.environ.get(PACE) or 1)


def measure_pace() -> float:
    """1.0 on the reference machine or a faster one, 2.0 where the same work takes twice as long, up to 8.0.

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
    """Calls of Python and of its C, about as tests make them."""
    digest = b""
    for number in range(ROUNDS):
        digest = hashlib.md5(digest + str(number).encode(), usedforsecurity=False).digest()


if __name__ == "__main__":
    _work()
