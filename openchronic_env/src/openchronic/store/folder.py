"""The folder of all entries of a base: found by content, added in one step, pruned."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from openchronic.ingest.finding import Delivered
from openchronic.ingest.reading import FileReading
from openchronic.store.entry import RECORD, Entry, read_entry, write_entry
from openchronic.store.keys import key_of
from openchronic.store.readers import Readers

NAME = ".store"


@dataclass
class Store:
    """``entries`` by key; ``added``: the keys of those that this build has put in."""

    folder: Path
    entries: dict[str, Entry]
    readers: Readers
    added: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)

    def may_hold(self, size: int) -> bool:
        """Whether a file of so many bytes is perhaps here: worth a digest before anything else."""
        return any(entry.size == size for entry in self.entries.values())

    def find(self, table: str, file: Delivered, sha256: str) -> Entry | None:
        """The entry of a file with this content, or None."""
        return self.entries.get(key_of(table, file, sha256))

    def use(self, entry: Entry, file: Delivered) -> FileReading | None:
        """What the entry gives for ``file``; None when it is damaged, and then it is removed."""
        key = entry.folder.name
        if entry.is_whole():
            self.used.add(key)
            return entry.reading(file)
        self._remove(key)
        return None

    def add(self, table: str, reading: FileReading) -> FileReading:
        """Move a finished reading in, on the same disk; returns it where it lies now."""
        key = key_of(table, reading.file, reading.origin.sha256)
        target = self.folder / key
        if target.exists():
            self.replaced.add(key)
        # First all that a full disk may refuse: what stands there is a release's.
        write_entry(table, reading)
        self.readers.admit(reading.folder)
        self._remove(key)
        reading.folder.rename(target)
        _sync(self.folder)
        self.entries[key] = read_entry(target)
        self.added.add(key)
        self.used.add(key)
        return self.entries[key].reading(reading.file)

    def prune(self, keep: Collection[str]) -> None:
        """Remove every entry that neither this build has used nor ``keep`` names."""
        for folder in list(self.folder.iterdir()):
            if folder.name not in self.used and folder.name not in keep:
                self._remove(folder.name)

    def take_back(self) -> None:
        """Remove what this build has put in; what a full disk will not let go, the next build prunes.

        What stood in another's place stays: a release may need it.
        """
        for key in self.added - self.replaced:
            with suppress(OSError):
                self._remove(key)

    def _remove(self, key: str) -> None:
        self.entries.pop(key, None)
        self.added.discard(key)
        self.used.discard(key)
        here = self.folder / key
        if here.is_symlink() or here.is_file():
            here.unlink()
        elif here.exists():
            # The record first: without it the rest is no entry, whatever happens next, and
            # unlike a rename this asks a full disk for no room.
            (here / RECORD).unlink(missing_ok=True)
            shutil.rmtree(here)


def open_store(folder: Path, *, reread: bool, readers: Readers) -> Store:
    """The store in ``folder`` (made if need be). ``reread``: as if it held nothing.

    Only ``readers`` can enter it from now on, what earlier builds left included. An entry whose record is damaged or gone is as good as none: the next ``prune`` removes it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    readers.admit(folder)
    entries = {}
    for one in sorted(folder.iterdir()):
        with suppress(ValueError):
            entries[one.name] = read_entry(one)
    return Store(folder, {} if reread else entries, readers)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
