"""What a task of an executor does for an ingest: it looks at files or reads them into the store, and answers in brief.

A folder of the store counts once its record is there, which is written last: no rename is asked of the disk. Its name is
of this attempt alone, so that a task that runs twice leaves two whole folders of equal lines, of which a build uses one.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb

from openchronic.build.taking import (
    SIZE_AND_TIME,
    Looked,
    NotedScan,
    look,
    stamp_of,
    take,
    take_range,
)
from openchronic.errors import OpenChronicError, is_disk_full
from openchronic.ingest.finding import Delivered
from openchronic.ingest.ranges import Range, RangeReading, ranges_of
from openchronic.ingest.raw import AnyScan
from openchronic.ingest.scanning import Scan
from openchronic.runtime.database import engine
from openchronic.store import Entry, Readers, key_of, write_entry
from openchronic.store.entry import Sealed, read_entries, seal
from openchronic.store.keys import code_of_reading, key_of_folder
from openchronic.store.putting import put


@dataclass
class Desk:
    """What the orders of one task share: an engine of ``memory`` bytes, opened for the first that needs it (35 ms)."""

    memory: int
    until: ExitStack

    @cached_property
    def place(self) -> Path:
        """A folder of this task alone, on the executor's own disk."""
        return Path(self.until.enter_context(tempfile.TemporaryDirectory(prefix="openchronic-")))

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.until.enter_context(
            engine(self.place, memory=self.memory, threads=1, spill=self.place)
        )


@dataclass(frozen=True)
class ToLook:
    """A file to look at. ``keys``: of the entries that may be of it; ``scans``: the folder for its scan; ``most``: the
    bytes of a range of it."""

    table: str
    file: Delivered
    keys: frozenset[str]
    scans: Path
    most: int

    def done(self, desk: Desk) -> tuple[tuple[int, ...], str | NotedScan]:
        """Returns the stamp of the file, and its digest where the store has it, else its scan."""
        del desk
        stamp = stamp_of(self.file)[:SIZE_AND_TIME]
        found = look(self.file, may_be_known=bool(self.keys), known=self._known)
        if isinstance(found, str):
            return stamp, found
        path = self.scans / f"{uuid.uuid4().hex}.pickle"
        path.write_bytes(pickle.dumps(found))
        ranges = ranges_of(self.file, found, self.most) if isinstance(found, Scan) else ()
        return stamp, NotedScan(found.sha256, found.size, path, ranges)

    def _known(self, sha256: str) -> str | None:
        return sha256 if key_of(self.table, self.file, sha256) in self.keys else None


@dataclass(frozen=True)
class ToRead:
    """Files to read into ``store``. ``kept``: its folder that has them, which is used where it is whole."""

    table: str
    files: tuple[Looked, ...]
    store: Path
    readers: Readers
    kept: str | None = None

    def done(self, desk: Desk) -> tuple[str, ...] | None:
        """Returns the names of the folders that hold the files; None where the kept one is whole."""
        if self.kept is not None and _is_whole(self.store / self.kept):
            return None
        keys = [key_of(self.table, one.file, one.found.sha256) for one in self.files]
        target = self.store / f"{key_of_folder(keys)}_{uuid.uuid4().hex}"
        files = [replace(one, found=_scan_of(one)) for one in self.files]
        names = []
        try:
            for group in take(desk.connection, self.table, files, target):
                folder = group[0].folder
                its = [key_of(self.table, one.file, one.origin.sha256) for one in group]
                write_entry(self.table, group, its)
                self.readers.admit(folder)
                names.append(folder.name)
        except BaseException:
            for left in self.store.glob(f"{target.name}*"):
                shutil.rmtree(left, ignore_errors=True)
            raise
        return tuple(names)


@dataclass(frozen=True)
class ToReadRange:
    """A range of a file to read into ``folder``, which all its ranges share, and which counts once the driver has
    written its record."""

    table: str
    file: Looked
    part: Range
    folder: Path
    readers: Readers

    def done(self, desk: Desk) -> tuple[RangeReading, Sealed]:
        """Returns what the range tells, and the files that it wrote."""
        one = replace(self.file, found=_scan_of(self.file))
        sealed = {}
        with (
            tempfile.TemporaryDirectory(dir=desk.place) as place,
            desk.connection.cursor() as connection,
        ):
            made = Path(place, "range")
            found = take_range(connection, self.table, one, self.part, made)
            for path in sorted(made.rglob("*.parquet")):
                inside = path.relative_to(made)
                name = inside.with_stem(f"{inside.stem}_{self.part.place:05}")
                sealed[str(name)] = seal(path)
                put(path, self.folder / name, aside=self.folder.parent)
        return replace(found, reading=replace(found.reading, folder=self.folder)), sealed


@dataclass(frozen=True)
class Refusal:
    """Why the build ends: a sentence of ours, or the machine's where ``disk_full``."""

    english: str
    disk_full: bool = False


@dataclass(frozen=True)
class Work:
    """The work of one task. ``code``: the version of the driver; ``memory`` in bytes."""

    orders: Sequence[ToLook | ToRead | ToReadRange]
    code: str
    memory: int


def work(pickled: bytes) -> bytes:
    """Does the work of one task; returns the answers to its orders, up to the first refusal."""
    asked: Work = pickle.loads(pickled)  # noqa: S301 - the build's own driver wrote it
    # Typed tables hold pseudonyms: what a task writes is for its account alone.
    os.umask(0o077)
    if code_of_reading() != asked.code:
        return pickle.dumps(
            [
                Refusal(
                    "the executors of Spark have another version of openchronic, DuckDB, pyarrow or pyreadstat "
                    "than this build: give them the same image, or read on the driver (--ingest driver)"
                )
            ]
        )
    with ExitStack() as until:
        return pickle.dumps(list(_answers(asked.orders, Desk(asked.memory, until))))


def _answers(orders: Iterable[ToLook | ToRead | ToReadRange], desk: Desk) -> Iterator[object]:
    """Yields what each order gives, up to the first refusal."""
    for order in orders:
        try:
            yield order.done(desk)
        except OpenChronicError as problem:
            yield Refusal(problem.english)
            return
        except Exception as problem:
            if not is_disk_full(problem):
                raise
            yield Refusal(str(problem), disk_full=True)
            return


def _is_whole(folder: Path) -> bool:
    return read_entries(folder)[0].is_whole()


def _scan_of(one: Looked) -> AnyScan | Entry:
    """Returns the scan that an earlier task has written, which this build alone can have made."""
    if isinstance(one.found, NotedScan):
        scan: AnyScan = pickle.loads(one.found.path.read_bytes())  # noqa: S301
        return scan
    return one.found
