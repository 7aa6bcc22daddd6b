"""Writes several files, each by a rename; if one cannot be written, those before it go back to what they were."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


class NotWritten(Exception):
    """Files could not be written; the message says what is as it was."""


@dataclass(frozen=True, kw_only=True)
class Change:
    path: Path
    before: str | None
    """None: the file is new."""
    after: str


def write_all(changes: Sequence[Change]) -> None:
    """Write every file. Raises NotWritten, with every file as before, if one of them cannot be written or is not what
    it was when it was read."""
    for change in changes:
        if _text(change.path) != change.before:
            raise NotWritten(
                f"{change.path} has changed in the meantime: nothing is written, run it again"
            )
    ready: list[tuple[Change, Path]] = []
    done: list[Change] = []
    try:
        # Those before one that fails are in the list then, and are removed.
        ready.extend((change, _beside(change.path, change.after)) for change in changes)
        for change, temporary in ready:
            if change.before is None:
                # Unlike a rename, a link never replaces a file that somebody has just made.
                os.link(temporary, change.path)
            else:
                temporary.replace(change.path)
            done.append(change)
    except OSError as error:
        for change in reversed(done):
            _put_back(change)
        raise NotWritten(f"{error}: nothing is written") from error
    finally:
        for _, temporary in ready:
            temporary.unlink(missing_ok=True)


def _put_back(change: Change) -> None:
    if change.before is None:
        change.path.unlink()
    else:
        _beside(change.path, change.before).replace(change.path)


def _beside(path: Path, text: str) -> Path:
    """Write a text to a new file beside a path, on the disk and with the rights of the file there, and return it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    mode = 0o644
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode & 0o777
    Path(name).chmod(mode)
    return Path(name)


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
