"""Locks a base for one build at a time; the system frees the lock when its holder dies."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from openchronic.errors import LockError


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Holds ``path`` for the time of the block. Raises LockError with the name of the holder."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockError(
                f"another build of this base is running: {_holder(file.read())}; "
                f"wait for it, or stop it ({path})"
            ) from None
        file.truncate()
        json.dump(_me(), file)
        file.flush()
        try:
            yield
        finally:
            # A full disk may refuse even that; the error of the block must not be hidden.
            with suppress(OSError):
                file.seek(0)
                file.truncate()


def _me() -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "user": _user(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())  # a container's user may have no name


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return (
            f"process {holder['pid']} of {holder['user']} on {holder['host']}, "
            f"since {holder['since']}"
        )
    except (ValueError, KeyError, TypeError):
        return "its holder has not said who it is yet"
