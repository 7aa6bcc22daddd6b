"""Builds in the background: held on the way, and what they leave in the base's folder."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.pace import patience


def start(*arguments: object, umask: int = -1) -> subprocess.Popen[str]:
    """Starts a build in the background."""
    return subprocess.Popen(
        [sys.executable, "-m", "openchronic", "build", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=umask,
        # A background job of a shell, such as a CI's, ignores SIGINT at its start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


@contextmanager
def held(path: Path, *arguments: object, umask: int = -1) -> Iterator[subprocess.Popen[str]]:
    """Stops a build as soon as it has made ``path``, and lets it finish afterwards."""
    process = start(*arguments, umask=umask)
    wait_for(path)
    process.send_signal(signal.SIGSTOP)
    try:
        assert process.poll() is None, "the build ended before it was held"
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=patience(120))


def content(releases: Path) -> set[str]:
    """Returns the content of the base's folder, except the private store of typed files and the finished parts."""
    private = {".store"}
    parts = releases / "snds" / ".work" / "private"
    if (parts / "finished").exists():
        assert [one.name for one in parts.parent.iterdir()] == ["private"]
        private.add(".work")
    for name in private:
        folder = releases / "snds" / name
        assert not folder.exists() or folder.stat().st_mode & 0o777 == 0o700
    return {path.name for path in (releases / "snds").iterdir()} - private


def wait_for(path: Path) -> None:
    """Waits until a build has made ``path``."""
    deadline = time.monotonic() + patience(60)
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.005)
