"""An entry of the store: one file as typed Parquet, and a record that reveals damage."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from openchronic.ingest.counting import Count
from openchronic.ingest.finding import Delivered
from openchronic.ingest.reading import FileReading, Origin
from openchronic.ingest.rejects import Reject

RECORD = "entry.json"


@dataclass(frozen=True)
class Entry:
    """A stored file. ``year``: the year in its name. ``files``: size and SHA-256 of each Parquet file,
    by its path in ``folder``. Rejects have the name that the file had when it was read."""

    folder: Path
    table: str
    year: int | None
    origin: Origin
    rows: int
    kept: int
    rejects: tuple[Reject, ...]
    emptied: tuple[Reject, ...]
    files: Mapping[str, tuple[int, str]]
    count: Count | None = None
    notes: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Returns the SHA-256 of the delivered file."""
        return self.origin.sha256

    @property
    def size(self) -> int:
        """Returns the size of the delivered file in bytes."""
        return self.origin.size

    def reading(self, file: Delivered) -> FileReading:
        """Returns the result that reading ``file``, of this content, would have."""
        rejects, emptied = (
            tuple(Reject(**asdict(one) | {"file": file.name}) for one in kind)
            for kind in (self.rejects, self.emptied)
        )
        return FileReading(
            *(file, self.folder, self.origin, self.rows, self.kept, rejects, emptied),
            count=self.count,
            notes=self.notes,
        )

    def is_whole(self) -> bool:
        """Returns whether every Parquet file is there and unchanged, without any other file."""
        found = {str(path.relative_to(self.folder)): path for path in _parquet(self.folder)}
        return found.keys() == self.files.keys() and all(
            _seal(found[name]) == (size, digest) for name, (size, digest) in self.files.items()
        )


def write_entry(table: str, reading: FileReading) -> None:
    """Records the content of ``reading.folder``, and waits until all of it is on the disk."""
    body = {
        "table": table,
        "year": reading.file.year,
        "origin": asdict(reading.origin),
        "rows": reading.rows,
        "kept": reading.kept,
        "rejects": [asdict(one) for one in reading.rejects],
        "emptied": [asdict(one) for one in reading.emptied],
        "count": asdict(reading.count) if reading.count else None,
        "notes": list(reading.notes),
        "files": {
            str(path.relative_to(reading.folder)): _seal(path) for path in _parquet(reading.folder)
        },
    }
    text = json.dumps({"sha256": _digest(body), "body": body}, indent=1, ensure_ascii=False)
    (reading.folder / RECORD).write_text(text + "\n", encoding="utf-8")
    for path in (*reading.folder.rglob("*"), reading.folder):
        _sync(path)


def read_entry(folder: Path) -> Entry:
    """Returns the entry in ``folder``. Raises ValueError where it has no record, or a damaged one.

    Raises OSError, such as PermissionError, for a record that exists and cannot be read.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        body = record["body"]
        if record["sha256"] != _digest(body):
            raise ValueError(f"{folder / RECORD}: not what was written")
        return Entry(
            folder=folder,
            table=body["table"],
            year=body["year"],
            origin=Origin(
                **body["origin"]
                | {name: tuple(body["origin"][name]) for name in ("unknown", "absent")}
            ),
            rows=body["rows"],
            kept=body["kept"],
            rejects=_rejects(body["rejects"]),
            emptied=_rejects(body["emptied"]),
            files={name: (size, digest) for name, (size, digest) in body["files"].items()},
            # Entries of earlier versions have neither.
            count=Count(**body["count"]) if body.get("count") else None,
            notes=tuple(body.get("notes", ())),
        )
    except (FileNotFoundError, NotADirectoryError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{folder / RECORD}: {problem}") from None


def _rejects(written: Iterable[dict[str, Any]]) -> tuple[Reject, ...]:
    return tuple(Reject(**one | {"lines": tuple(one["lines"])}) for one in written)


def _parquet(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.parquet") if path.is_file())


def _seal(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
