"""The peak memory of a command with all that it starts, sampled while it runs, and their processor time."""

import ctypes
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.result import BenchError

EVERY_S = 0.1
PROC = Path("/proc")
PR_SET_CHILD_SUBREAPER = 36
# For what a command leaves behind to end, such as Spark's Java, whose Python does not wait for it.
ENDS_S = 30


@dataclass(frozen=True)
class Watched:
    seconds: float
    peak_mb: float
    cpu_s: float
    said: str


def watch(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Watched:
    """Run a command to its end. BenchError when it fails."""
    _adopt_orphans(on=True)
    started = time.perf_counter()
    before = _children_cpu_s()
    peak = 0.0
    seen: set[int] = set()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            while process.poll() is None:
                there = tree(process.pid)
                seen.update(there)
                peak = max(peak, sum(pss_mb(pid) for pid in there))
                time.sleep(EVERY_S)
        finally:
            process.kill()
            process.wait()
            seconds = time.perf_counter() - started
            _wait_for_orphans(seen)
            _adopt_orphans(on=False)
        said.seek(0)
        told = said.read()
    if process.returncode != 0:
        raise BenchError(f"{command[0]} ended with {process.returncode}:\n{told[-2000:]}")
    return Watched(seconds, peak, _children_cpu_s() - before, told)


def _adopt_orphans(*, on: bool) -> None:
    """Make this process the parent of what a command leaves behind: the time of a process counts once its parent has
    waited for it."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(on), 0, 0, 0)


def _wait_for_orphans(seen: set[int]) -> None:
    until = time.monotonic() + ENDS_S
    for pid in seen:
        try:
            while os.waitpid(pid, os.WNOHANG) == (0, 0) and time.monotonic() < until:
                time.sleep(EVERY_S)
        except ChildProcessError:
            continue


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tree(pid: int) -> list[int]:
    """A process and its descendants."""
    try:
        children = " ".join(
            (task / "children").read_text() for task in (PROC / str(pid) / "task").iterdir()
        )
    except OSError:
        return [pid]
    return [pid, *(one for child in children.split() for one in tree(int(child)))]


def pss_mb(pid: int) -> float:
    """Its share of memory: what it alone has, and its part of what it shares. 0 when it has ended."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", (PROC / str(pid) / "smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) / 1000 if found else 0
