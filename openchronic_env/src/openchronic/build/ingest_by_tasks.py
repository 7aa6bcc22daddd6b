"""Lets the tasks of Spark's executors look at the files of a delivery and read them: the driver receives names and digests."""

from __future__ import annotations

import errno
import os
import pickle
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from openchronic.build.ingest_job import Job, Taken
from openchronic.build.ingest_task import Refusal, ToLook, ToRead, ToReadRange, Work
from openchronic.build.taking import Looked, NotedScan, stamp_of
from openchronic.errors import SourceError
from openchronic.ingest.finding import Delivered
from openchronic.ingest.ranges import RANGE_BYTES, Range, RangeReading, together
from openchronic.ingest.reading import FileReading
from openchronic.store import Store, key_of, write_entry
from openchronic.store.entry import Sealed
from openchronic.store.keys import code_of_reading

# What one task reads at most, unless one file is larger; a small delivery has as many tasks as this all the same.
MOST_BYTES, TASKS = 64 << 20, 64
# Runs works in other processes; returns what they answer, in their order.
Run = Callable[[Sequence[bytes]], Sequence[bytes]]
Order = TypeVar("Order", ToLook, ToRead | ToReadRange)


@dataclass(frozen=True)
class ByTasks:
    """``scans``: a folder for what tasks see, of this build, that executors see too; ``memory``: the bytes that one task may take;
    ``most``: those of a range of a large text file."""

    run: Run
    scans: Path
    memory: int
    most: int = RANGE_BYTES

    def look(
        self, files: Sequence[tuple[str, Delivered]], store: Store
    ) -> Generator[tuple[str, Looked]]:
        """Yields the table of each file with what a task saw of it."""
        self.scans.mkdir(mode=0o700, parents=True, exist_ok=True)
        sizes = [stamp_of(file)[0] for _, file in files]
        orders = [
            ToLook(table, file, store.keys_of(size), self.scans, self.most)
            for (table, file), size in zip(files, sizes, strict=True)
        ]
        for order, (stamp, found) in self._answers(orders, sizes):
            entry = store.find(order.table, order.file, found) if isinstance(found, str) else None
            yield order.table, Looked(order.file, entry or found, stamp)

    def take(self, jobs: Sequence[Job], store: Store) -> Generator[Taken]:
        """Yields what each of ``jobs`` gives: an entry of the store by each task that made one, or by all ranges of a
        large file."""
        orders: list[ToRead | ToReadRange] = []
        sizes: list[int] = []
        for job in jobs:
            of_job = list(_orders(job, store))
            orders += of_job
            sizes += [job.size // len(of_job)] * len(of_job)
        answers = self._answers(orders, sizes)
        for job in jobs:
            order, answer = next(answers)
            if isinstance(order, ToReadRange):
                others = range(len(_ranges(job)) - 1)
                parts = [answer, *(next(answers)[1] for _ in others)]
                yield Taken(job, _put_together(job, order, parts, store))
            else:
                yield _taken(job, answer, store)

    def _answers(
        self, orders: Sequence[Order], sizes: Sequence[int]
    ) -> Iterator[tuple[Order, Any]]:
        """Yields each order with its answer. Raises what a task refused."""
        code = code_of_reading()
        packs = list(_packed(orders, sizes))
        works = [pickle.dumps(Work(pack, code, self.memory)) for pack in packs]
        for pack, answer in zip(packs, self.run(works), strict=True):
            # A task that refuses leaves the orders after it undone.
            for order, one in zip(pack, pickle.loads(answer), strict=False):  # noqa: S301
                if isinstance(one, Refusal):
                    raise _raised(one)
                yield order, one


def _ranges(job: Job) -> Sequence[Range]:
    """Returns the ranges in which the only file of a job is read."""
    found = job.files[0].found
    return found.ranges if isinstance(found, NotedScan) and len(job.files) == 1 else ()


def _orders(job: Job, store: Store) -> Iterator[ToRead | ToReadRange]:
    ranges = _ranges(job)
    if not ranges:
        kept = job.entries[0].folder.name if job.entries else None
        yield ToRead(job.table, job.files, store.folder, store.readers, kept)
        return
    (one,) = job.files
    key = key_of(job.table, one.file, one.found.sha256)
    folder = store.folder / f"{key}_{uuid.uuid4().hex}"
    yield from (ToReadRange(job.table, one, part, folder, store.readers) for part in ranges)


def _taken(job: Job, names: Sequence[str] | None, store: Store) -> Taken:
    """Returns the readings of the folders that a task has made; of the kept one where it has made none."""
    if names is None:
        store.use(job.entries, whole=True)
        return Taken(job, job.kept())
    if job.entries:
        store.use(job.entries, whole=False)
    files = {key_of(job.table, one.file, one.found.sha256): one.file for one in job.files}
    entries = [entry for name in names for entry in store.adopt(name)]
    readings = [entry.reading(files[entry.key]) for entry in entries]
    return Taken(job, readings, was_damaged=bool(job.entries))


def _put_together(
    job: Job,
    order: ToReadRange,
    parts: Sequence[tuple[RangeReading, Sealed]],
    store: Store,
) -> list[FileReading]:
    """Makes an entry of the ranges of a file: the driver alone knows that all of them are there."""
    reading = together([part for part, _ in parts], order.folder)
    sealed = {name: one for _, some in parts for name, one in some.items()}
    key = key_of(job.table, reading.file, reading.origin.sha256)
    write_entry(job.table, [reading], [key], sealed=sealed)
    store.readers.admit(order.folder)
    return [entry.reading(reading.file) for entry in store.adopt(order.folder.name)]


def _packed(orders: Sequence[Order], sizes: Iterable[int]) -> Iterator[Sequence[Order]]:
    """Yields the orders of each task, in their order."""
    sizes = list(sizes)
    most = min(MOST_BYTES, sum(sizes) // TASKS)
    pack: list[Order] = []
    held = 0
    for order, size in zip(orders, sizes, strict=True):
        if pack and held + size > most:
            yield pack
            pack, held = [], 0
        pack.append(order)
        held += size
    if pack:
        yield pack


def _raised(refused: Refusal) -> Exception:
    if refused.disk_full:
        return OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}: {refused.english}")
    return SourceError(refused.english)
