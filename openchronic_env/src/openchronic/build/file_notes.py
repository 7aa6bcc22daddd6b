"""Reports to operators how files were read: one sentence per oddity, with the files that have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from openchronic.build.ingest import TableReading

SHOWN_FILES = 3


def notes_on_files(readings: Iterable[TableReading]) -> list[str]:
    """Returns the sentences; files with the same oddity share one."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for reading in readings:
        for file in reading.files:
            for note in file.notes:
                files[note].append(file.file.name)
    return [f"{_some(names)}: {note}" for note, names in files.items()]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN_FILES:,} more" if len(names) > SHOWN_FILES else ""
    return ", ".join(sorted(names)[:SHOWN_FILES]) + more
