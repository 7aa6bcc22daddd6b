"""Checkpoints of a build: the results of finished parts, from which the next build resumes after a kill."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from openchronic.build.workspace import Workplace

RECIPE = "recipe"
T = TypeVar("T")


def begin(place: Workplace, *, recipe: str) -> Finished:
    """Returns the checkpoints of a killed build of the same ``recipe``; without one, an empty set."""
    noted = place.finished / RECIPE
    if not noted.is_file() or noted.read_text(encoding="utf-8") != recipe:
        place.empty()
        place.finished.mkdir(mode=0o700)
        noted.write_text(recipe, encoding="utf-8")
    return Finished(place.finished)


class Finished:
    """The results of finished parts of a build, in ``folder``, which only the builder can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __len__(self) -> int:
        return len(list(self.folder.glob("*.pickle")))

    def once(self, part: str, digest: str, make: Callable[[], T]) -> T:
        """Returns the result of ``make``, or the one kept before a kill for the same ``digest`` of its inputs.

        What ``make`` writes must be the same when it is written again: a kill may come before its end.
        """
        kept = self.folder / f"{part}.pickle"
        if kept.is_file():
            # The file was written by this account in a folder that nobody else can open.
            before, result = pickle.loads(kept.read_bytes())  # noqa: S301
            if before == digest:
                return result  # type: ignore[no-any-return]
        result = make()
        fresh = kept.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(pickle.dumps((digest, result)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(kept)
        return result
