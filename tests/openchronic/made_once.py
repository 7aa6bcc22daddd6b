"""Makes folders once for a whole run, for the tests of all workers."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Returns a folder that ``make`` has filled, in the first worker that needs it; the others wait. Read only."""
    # Each worker has its own folder below that of the run.
    run = factory.getbasetemp()
    shared = run.parent if run.name.startswith("popen-") else run
    folder, done = shared / f"once-{name}", shared / f"once-{name}.done"
    with (shared / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            assert not folder.exists(), f"{name} was begun and not finished: its error came before"
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
