"""The number of buckets of a base whose parts are kept, noted beside these for the next build."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

NOTED = "buckets"


def number_before(folder: Path) -> int:
    """Returns the number that an earlier build noted in ``folder``; 0 where it noted none."""
    with suppress(OSError, ValueError):
        return int((folder / NOTED).read_text(encoding="utf-8"))
    return 0


def note_number(folder: Path, number: int) -> None:
    """Notes the number of this build, in one step."""
    fresh = folder / f"{NOTED}.new"
    fresh.write_text(str(number), encoding="utf-8")
    fresh.replace(folder / NOTED)
