"""What one thread or task of an ingest does at a time, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openchronic.build.taking import Looked
from openchronic.ingest.reading import FileReading
from openchronic.store import Entry


@dataclass(frozen=True)
class Job:
    """Files that are read together, or that share a folder of the store: ``entries`` then."""

    table: str
    files: tuple[Looked, ...]
    entries: tuple[Entry, ...] = ()

    @property
    def size(self) -> int:
        """Returns the bytes of the delivered files."""
        return sum(one.size for one in self.files)

    def kept(self) -> list[FileReading]:
        """Returns the readings that the store has."""
        stored = zip(self.files, self.entries, strict=True)
        return [entry.reading(one.file) for one, entry in stored]


@dataclass(frozen=True)
class Taken:
    """The stored readings of a job. ``was_damaged``: whether the store had them, but not whole."""

    job: Job
    readings: Sequence[FileReading]
    was_damaged: bool = False
