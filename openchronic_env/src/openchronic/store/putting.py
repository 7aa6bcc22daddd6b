"""Puts a finished file into the store, where nobody sees it before it is whole."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path


def put(source: Path, target: Path, *, aside: Path) -> None:
    """Copies a file to ``target``, which an earlier attempt may have put there: its bytes are then replaced at once.

    ``aside``: a folder on the same disk for the unfinished copy, so that who reads the folder of ``target`` never sees it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unseen = aside / f".{uuid.uuid4().hex}"
    try:
        with source.open("rb") as content, unseen.open("wb") as copy:
            shutil.copyfileobj(content, copy)
            copy.flush()
            os.fsync(copy.fileno())
        unseen.replace(target)
    finally:
        unseen.unlink(missing_ok=True)
