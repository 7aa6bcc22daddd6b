"""Looks after one run until its end: keeps the session from being idle, bounds the log, stops what takes too long."""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from openchronic.runs import record
from openchronic.runs.launch import command
from openchronic.runs.record import Run

# The session's server counts a file that was touched a moment ago as activity (images/jupyter/busy_kernels.py).
ALIVE = Path("/tmp/openchronic-runs")  # noqa: S108 - a session's /tmp is its own
BEATS_S = 10.0
ENDS_WITHIN_S = 15.0
LOG_BYTES = 5_000_000
CUT = "\n[…]\n".encode()
# Of prctl.
SET_PDEATHSIG, SET_CHILD_SUBREAPER = 1, 36
# Control groups of version 2, then of version 1.
COUNTERS = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)


def main(name: str) -> None:
    run = record.read(record.folder() / f"{name}.json")
    if run is None:
        sys.exit(f"no record of {name}")
    began = record.began_at(os.getpid())
    run = run.with_(process=(os.getpid(), began or 0))
    run.write()
    run = supervised(run)
    run.write()


def supervised(run: Run) -> Run:
    """Runs the file and returns the run with its outcome."""
    killed = kills()
    deadline = datetime.datetime.fromisoformat(run.ends).timestamp()
    with run.log.open("wb") as log, beating(run) as beat:
        child = started(command(Path(run.file)))
        late = follow(child, Log(log), deadline=deadline, beat=beat)
    status = child.returncode
    ended = record.told(record.now())
    if late:
        return run.with_(state=record.OUT_OF_TIME, ended=ended, status=status)
    if status != 0 and kills() > killed:
        return run.with_(state=record.OUT_OF_MEMORY, ended=ended, status=status)
    state = record.DONE if status == 0 else record.FAILED
    return run.with_(state=state, ended=ended, status=status)


class Log:
    """A log of a bounded size, so that a loop that prints does not fill the home."""

    def __init__(self, file: BinaryIO, limit: int = LOG_BYTES) -> None:
        self._file = file
        self._left = limit

    def write(self, data: bytes) -> None:
        part = data[: self._left]
        if not part:
            return
        self._left -= len(part)
        # A full home must not stop the run.
        with contextlib.suppress(OSError):
            self._file.write(part if self._left else part + CUT)
            self._file.flush()


def started(command: list[str]) -> subprocess.Popen[bytes]:
    """Starts a program that ends with this process, and whose orphans come to this process."""
    libc = ctypes.CDLL(None)
    libc.prctl(SET_CHILD_SUBREAPER, 1)
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: libc.prctl(SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - one thread
    )


def follow(
    child: subprocess.Popen[bytes], log: Log, *, deadline: float, beat: Callable[[], None]
) -> bool:
    """Copies what the child says until it ends, and stops it at the deadline; returns whether it was stopped. What it
    started and left behind ends with it."""
    assert child.stdout is not None
    pipe = child.stdout.fileno()
    stopped_at: float | None = None
    last = -BEATS_S
    while child.poll() is None:
        now = time.monotonic()
        if now - last >= BEATS_S:
            beat()
            last = now
        if stopped_at is None and time.time() >= deadline:
            stopped_at = now
            _signal(child, signal.SIGTERM)
        if stopped_at is not None and now - stopped_at >= ENDS_WITHIN_S:
            _signal(child, signal.SIGKILL)
        if select.select([pipe], [], [], 0.5)[0]:
            data = os.read(pipe, 65536)
            log.write(data)
            if not data:
                # It has closed its output, and goes on.
                time.sleep(0.5)
    _signal(child, signal.SIGKILL)
    end_orphans()
    while select.select([pipe], [], [], 0)[0] and (data := os.read(pipe, 65536)):
        log.write(data)
    return stopped_at is not None


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def end_orphans() -> None:
    """Kills what the run left behind, such as the kernel of a notebook, which has a group of its own."""
    deadline = time.monotonic() + ENDS_WITHIN_S
    while (left := _children()) and time.monotonic() < deadline:
        for one in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(one, os.WNOHANG)
        time.sleep(0.05)


def _children() -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            if int(place.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(place.parent.name))
    return found


@contextlib.contextmanager
def beating(run: Run) -> Iterator[Callable[[], None]]:
    """Gives a function that says that the run is alive: to the session's server, and to who reads its record."""
    sign = ALIVE / run.id

    def beat() -> None:
        with contextlib.suppress(OSError):
            ALIVE.mkdir(mode=0o700, exist_ok=True)
            sign.touch()
        with contextlib.suppress(OSError):
            os.utime(record.folder() / f"{run.id}.json")

    try:
        yield beat
    finally:
        sign.unlink(missing_ok=True)


def kills() -> int:
    """Returns how many processes of the session were killed for its memory."""
    for place in COUNTERS:
        with contextlib.suppress(OSError, ValueError):
            for line in place.read_text().splitlines():
                name, _, value = line.partition(" ")
                if name == "oom_kill":
                    return int(value)
    return 0


if __name__ == "__main__":
    main(sys.argv[1])
