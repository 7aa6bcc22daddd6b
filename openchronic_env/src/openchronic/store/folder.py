"""The folder of all entries of a base: finds by content, adds in one step, prunes."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from openchronic.ingest.finding import Delivered
from openchronic.ingest.reading import FileReading
from openchronic.store.entry import RECORD, Entry, read_entries, write_entry
from openchronic.store.keys import key_of, key_of_folder
from openchronic.store.readers import Readers


@dataclass
class Store:
    """``entries`` by the name of their folder, which those share that were read together; ``added``: the folders
    that this build has added; ``files_added``, ``files_used``: delivered files in what it added and used."""

    folder: Path
    entries: dict[str, tuple[Entry, ...]]
    readers: Readers
    added: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    files_added: int = 0
    files_used: int = 0

    def may_hold(self, size: int) -> bool:
        """Returns whether the store may hold a file of that size, so that a digest is computed first."""
        return size in self._sizes

    @cached_property
    def _sizes(self) -> frozenset[int]:
        return frozenset(one.size for entries in self.entries.values() for one in entries)

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        return {one.key: one for entries in self.entries.values() for one in entries}

    def keys_of(self, size: int) -> frozenset[str]:
        """Returns the keys of the entries of files of that size."""
        return self._keys_by_size.get(size, frozenset())

    @cached_property
    def _keys_by_size(self) -> dict[int, frozenset[str]]:
        found: defaultdict[int, set[str]] = defaultdict(set)
        for key, one in self._by_key.items():
            found[one.size].add(key)
        return {size: frozenset(keys) for size, keys in found.items()}

    def find(self, table: str, file: Delivered, sha256: str) -> Entry | None:
        """Returns an entry of a file with this content, or None."""
        return self._by_key.get(key_of(table, file, sha256))

    def covering(self, keys: Collection[str]) -> dict[str, Entry]:
        """Returns the entries to use for a delivery of the files with these ``keys``: each file is in one of them.

        A folder is used whole or not at all, since a scan of it has the lines of all its files.
        """
        wanted, found = set(keys), dict[str, Entry]()
        largest_first = sorted(self.entries.items(), key=lambda named: (-len(named[1]), named[0]))
        for _, entries in largest_first:
            there = {one.key: one for one in entries}
            if there.keys() <= wanted and not there.keys() & found.keys():
                found |= there
        return found

    def use(self, entries: Sequence[Entry], *, whole: bool | None = None) -> bool:
        """Returns whether the folder that ``entries`` share is as it was written; it is removed where it is not.

        ``whole``: what another process, which has read the files, found.
        """
        key = entries[0].folder.name
        if entries[0].is_whole() if whole is None else whole:
            self.used.add(key)
            self.files_used += len(entries)
            return True
        self._remove(key)
        return False

    def add(self, table: str, readings: Sequence[FileReading]) -> tuple[FileReading, ...]:
        """Moves a finished folder into the store, on the same disk; returns its readings with their new place."""
        folder = readings[0].folder
        keys = [key_of(table, one.file, one.origin.sha256) for one in readings]
        key = key_of_folder(keys)
        target = self.folder / key
        if target.exists():
            self.replaced.add(key)
        # Everything that a full disk may refuse comes first: an old entry in that place belongs to
        # a release.
        write_entry(table, readings, keys)
        self.readers.admit(folder)
        self._remove(key)
        folder.rename(target)
        _sync(self.folder)
        self.entries[key] = read_entries(target)
        self.added.add(key)
        self.files_added += len(readings)
        self.used.add(key)
        return tuple(
            entry.reading(one.file) for entry, one in zip(self.entries[key], readings, strict=True)
        )

    def adopt(self, name: str) -> tuple[Entry, ...]:
        """Returns the entries of a folder that another process has made here; its record, written last, made it count."""
        entries = self.entries[name] = read_entries(self.folder / name)
        _sync(self.folder)
        self.added.add(name)
        self.files_added += len(entries)
        self.used.add(name)
        return entries

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
            entries[one.name] = read_entries(one)
    return Store(folder, {} if reread else entries, readers)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
