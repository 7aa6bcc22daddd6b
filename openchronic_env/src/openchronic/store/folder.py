"""The folder of all entries of a base: finds by content, adds in one step, prunes."""

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


@dataclass
class Store:
    """``entries`` by key; ``added``: the keys of the entries that this build has added."""

    folder: Path
    entries: dict[str, Entry]
    readers: Readers
    added: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)

    def may_hold(self, size: int) -> bool:
        """Returns whether the store may hold a file of that size, so that a digest is computed first."""
        return any(entry.size == size for entry in self.entries.values())

    def find(self, table: str, file: Delivered, sha256: str) -> Entry | None:
        """Returns the entry of a file with this content, or None."""
        return self.entries.get(key_of(table, file, sha256))

    def use(self, entry: Entry, file: Delivered) -> FileReading | None:
        """Returns the reading in the entry; None when it is damaged, and then the entry is removed."""
        key = entry.folder.name
        if entry.is_whole():
            self.used.add(key)
            return entry.reading(file)
        self._remove(key)
        return None

    def add(self, table: str, reading: FileReading) -> FileReading:
        """Moves a finished reading into the store, on the same disk; returns it with its new place."""
        key = key_of(table, reading.file, reading.origin.sha256)
        target = self.folder / key
        if target.exists():
            self.replaced.add(key)
        # Everything that a full disk may refuse comes first: an old entry in that place belongs to
        # a release.
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
        """Removes every entry that this build has not used and ``keep`` does not name."""
        for folder in list(self.folder.iterdir()):
            if folder.name not in self.used and folder.name not in keep:
                self._remove(folder.name)

    def take_back(self) -> None:
        """Removes the entries that this build has added; where a full disk prevents it, the next build prunes
        them.

        An entry that replaced another stays: a release may need it.
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
            # The record is removed first: without it the rest is no entry, whatever happens next,
            # and unlike a rename this needs no disk space.
            (here / RECORD).unlink(missing_ok=True)
            shutil.rmtree(here)


def open_store(folder: Path, *, reread: bool, readers: Readers) -> Store:
    """Opens the store in ``folder`` (made if need be). ``reread``: treat it as empty.

    Only ``readers`` can enter it from now on, including what earlier builds left. An entry whose record is
    damaged or missing is ignored, and the next ``prune`` removes it.
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
