"""Lets the tasks of Spark's executors look at the files of a delivery and read them: the driver receives names and digests."""

from __future__ import annotations

import errno
import os
import pickle
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from openchronic.build.ingest_job import Job, Taken
from openchronic.build.ingest_task import Refusal, ToLook, ToRead, Work
from openchronic.build.taking import Looked, stamp_of
from openchronic.errors import SourceError
from openchronic.ingest.finding import Delivered
from openchronic.store import Store, key_of
from openchronic.store.keys import code_of_reading

# What one task reads at most, unless one file is larger; a small delivery has as many tasks as this all the same.
MOST_BYTES, TASKS = 64 << 20, 64
SCANS = "scans"
Order = TypeVar("Order", ToLook, ToRead)


class Runner(Protocol):
    """Runs a function on each of some works, in other processes; returns what it answers, in their order."""

    def __call__(self, works: Sequence[bytes]) -> Sequence[bytes]: ...


@dataclass(frozen=True)
class ByTasks:
    """``typed``: a folder of the build's own that executors see too; ``memory``: the bytes that one task may take."""

    run: Runner
    typed: Path
    memory: int

    def look(
        self, files: Sequence[tuple[str, Delivered]], store: Store
    ) -> Generator[tuple[str, Looked]]:
        """Yields the table of each file with what a task saw of it."""
        scans = self.typed / SCANS
        scans.mkdir(mode=0o700, parents=True, exist_ok=True)
        sizes = [stamp_of(file)[0] for _, file in files]
        orders = [
            ToLook(table, file, store.keys_of(size), scans)
            for (table, file), size in zip(files, sizes, strict=True)
        ]
        for order, (stamp, found) in self._answers(orders, sizes):
            entry = store.find(order.table, order.file, found) if isinstance(found, str) else None
            yield order.table, Looked(order.file, entry or found, stamp)

    def take(self, jobs: Sequence[Job], store: Store) -> Generator[Taken]:
        """Yields what each of ``jobs`` gives: an entry of the store by each task that made one."""
        orders = [_order(job, store) for job in jobs]
        for place, (order, names) in enumerate(self._answers(orders, [job.size for job in jobs])):
            job = jobs[place]
            if names is None:
                store.use(job.entries, whole=True)
                yield Taken(job, job.kept())
                continue
            if job.entries:
                store.use(job.entries, whole=False)
            files = {key_of(job.table, one.file, one.found.sha256): one.file for one in job.files}
            entries = [entry for name in names for entry in store.adopt(name)]
            readings = [entry.reading(files[entry.key]) for entry in entries]
            yield Taken(job, readings, was_damaged=order.kept is not None)

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


def _order(job: Job, store: Store) -> ToRead:
    kept = job.entries[0].folder.name if job.entries else None
    return ToRead(job.table, job.files, store.folder, store.readers, kept)


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
