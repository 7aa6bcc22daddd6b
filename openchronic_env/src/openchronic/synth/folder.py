"""Checks the target folder, refuses one that is not an extraction, and replaces it as a whole at the end."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openchronic.errors import LockError, OpenChronicError

REPORT = "synth.json"
GENERATOR = "openchronic synth"


@contextmanager
def new_folder(target: Path, *, force: bool) -> Iterator[Path]:
    """Yields a hidden sibling folder, which becomes `target` when the block ends without an error."""
    target = target.absolute()
    check(target, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.partial"
    partial.mkdir(exist_ok=True)
    handle = os.open(partial, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockError(
                f"another synth is writing {target}: wait for it, or name another folder"
            ) from None
        # The files of a killed run have our name, and nobody holds the lock.
        _empty(partial)
        try:
            yield partial
            _replace(target, partial)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    finally:
        os.close(handle)


def check(target: Path, *, force: bool) -> None:
    """Refuses a target that holds something else, or an earlier extraction without `force`."""
    if not target.exists():
        return
    if not target.is_dir():
        raise OpenChronicError(f"{target} is not a folder: name a new or an empty one")
    if not any(target.iterdir()):
        return
    if not is_ours(target):
        raise OpenChronicError(
            f"{target} is not empty and holds no synthetic extraction: left alone; name another folder"
        )
    if not force:
        raise OpenChronicError(f"{target} holds an earlier extraction: --force replaces it")


def is_ours(folder: Path) -> bool:
    """Returns whether the folder holds an extraction made by this command."""
    try:
        report = json.loads((folder / REPORT).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(report, dict) and report.get("generator") == GENERATOR


def _replace(target: Path, partial: Path) -> None:
    old = target.parent / f".{target.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
