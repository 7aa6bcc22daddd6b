"""Checkpoints of a build: the results of finished parts, which a later build takes over where their inputs are equal."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from openchronic.build.workspace import Workplace

BASIS, RECIPE, SPENT = "basis", "recipe", "spent"
# Below this share of the CPU time of an earlier build, a stage has not made all of its parts.
WHOLE = 0.6
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """A finished part: the digest of its inputs, its result, the CPU seconds that it took, its folders, and the sizes
    of its files by path."""

    digest: str
    result: object
    seconds: float
    folders: tuple[Path, ...]
    files: dict[str, int]


def begin(place: Workplace, *, basis: str, recipe: str, again: bool = False) -> Finished:
    """Returns the checkpoints of earlier builds of the same ``basis``; without one, an empty set.

    Those of parts that write the release being made are of the same ``recipe`` too, and then the build goes on from
    a killed one. ``again``: nothing is taken over but from such a one.
    """
    goes_on = _noted(place.written / RECIPE) == recipe
    same = _noted(place.finished / BASIS) == basis and place.database.is_file()
    if not same or (again and not goes_on):
        place.empty()
        goes_on = False
        place.finished.mkdir(mode=0o700)
        (place.finished / BASIS).write_text(basis, encoding="utf-8")
    if not goes_on:
        place.forget_release()
        place.written.mkdir(mode=0o700)
        (place.written / RECIPE).write_text(recipe, encoding="utf-8")
    return Finished(place.finished, place.written, goes_on=goes_on)


def settle(place: Workplace) -> None:
    """Ends a build: keeps the parts that a later one can take over, without what those of the release wrote beside it."""
    written = {file: done for file in place.written.glob("*.pickle") if (done := _read(file))}
    spent: defaultdict[str, float] = defaultdict(float)
    for file, done in written.items():
        spent[file.stem.partition("-")[0]] += done.seconds
    for stage, before in _spent(place.finished).items():
        # It has ended early, or made a few days from the release of before.
        if spent[stage] < WHOLE * before:
            spent[stage] = before
    if written:
        (place.finished / SPENT).write_text(json.dumps(spent), encoding="utf-8")
    for done in written.values():
        for folder in done.folders:
            shutil.rmtree(folder, ignore_errors=True)
    place.settle()


def _spent(finished: Path) -> dict[str, float]:
    return {
        stage: float(one) for stage, one in json.loads(_noted(finished / SPENT) or "{}").items()
    }


def _noted(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


class Finished:
    """The results of finished parts, which only the builder can read.

    ``folder``: those that a later build can take over; ``written``: those of parts that write the release, which
    are forgotten with it; ``goes_on``: whether they are those of a killed build of the same recipe;
    ``found``: how many there were when this build began.
    """

    def __init__(self, folder: Path, written: Path | None = None, *, goes_on: bool = False) -> None:
        self.folder = folder
        self.written = written or folder
        self.goes_on = goes_on
        self.found = len(self)

    def __len__(self) -> int:
        return len({*self.folder.glob("*.pickle"), *self.written.glob("*.pickle")})

    def once(
        self,
        part: str,
        digest: str,
        make: Callable[[], T],
        *,
        folders: Iterable[Path] = (),
        writes: bool = False,
    ) -> T:
        """Returns the result of ``make``, or the one kept for the same ``digest`` of its inputs.

        ``folders``: what the part writes to, and nothing else does: a part whose files are not all there is made
        again. ``writes``: whether it writes the release. What ``make`` writes must be the same when it is written
        again: a kill may come before its end.
        """
        folders = list(folders)
        before = self.kept(part, writes=writes)
        if before and before.digest == digest and before.files == _files(folders):
            return before.result  # type: ignore[return-value]
        # The old checkpoint goes first, for good: a kill must not leave it beside other rows.
        _forget(self._file(part, writes=writes))
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        start = time.process_time()
        result = make()
        done = Part(digest, result, time.process_time() - start, tuple(folders), _files(folders))
        kept = self._file(part, writes=writes)
        fresh = kept.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(pickle.dumps(done))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(kept)
        return result

    def kept(self, part: str, *, writes: bool = False) -> Part | None:
        """Returns the finished part of that name, whatever its inputs were."""
        return _read(self._file(part, writes=writes))

    def by_folder(self) -> dict[tuple[str, str], str]:
        """Returns the digests of the parts that a later build can take over, by each folder that they write to and the one
        that holds it: the base may have moved."""
        parts = [done for file in self.folder.glob("*.pickle") if (done := _read(file))]
        return {
            (folder.parent.name, folder.name): done.digest
            for done in parts
            for folder in done.folders
        }

    def spent_on_release(self) -> dict[str, float]:
        """Returns the CPU seconds that the parts of each stage take which write a whole release; none where no build has told."""
        return _spent(self.folder)

    def forget(self, unless: Callable[[str], bool]) -> None:
        """Forgets the parts for whose name ``unless`` is false."""
        for file in [*self.folder.glob("*.pickle"), *self.written.glob("*.pickle")]:
            if not unless(file.stem):
                _forget(file)

    def _file(self, part: str, *, writes: bool) -> Path:
        return (self.written if writes else self.folder) / f"{part}.pickle"


def _read(file: Path) -> Part | None:
    if not file.is_file():
        return None
    # What other code has written is none, whatever it is.
    with suppress(AttributeError, EOFError, ImportError, pickle.UnpicklingError, TypeError):
        # The file was written by this account in a folder that nobody else can open.
        found = pickle.loads(file.read_bytes())  # noqa: S301
        return found if isinstance(found, Part) else None
    return None


def _forget(file: Path) -> None:
    """Removes a checkpoint, on the disk too."""
    if not file.exists():
        return
    file.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _files(folders: Collection[Path]) -> dict[str, int]:
    """Returns the sizes of all files in ``folders``, by path below the parent of their folder."""
    return {
        str(file.relative_to(folder.parent)): file.stat().st_size
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
