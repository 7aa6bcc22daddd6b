"""Entries of the store: delivered files as typed Parquet, those of a folder together, and a record that reveals damage."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from openchronic.ingest.counting import Count
from openchronic.ingest.finding import Delivered
from openchronic.ingest.reading import FileReading, Origin
from openchronic.ingest.rejects import Reject

RECORD = "entry.json"
# The size and the SHA-256 of files, by their path in a folder.
Sealed = Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class Entry:
    """A stored file. ``year``: the year in its name. ``files``: size and SHA-256 of each Parquet file,
    by its path in ``folder``. Rejects have the name that the file had when it was read.

    ``place``: that of the file among those that share the folder (the column ``_file``); ``keys``: theirs, in order,
    none in an entry of an earlier version, which has one file and not that column.
    """

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
    place: int = 0
    keys: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Returns the SHA-256 of the delivered file."""
        return self.origin.sha256

    @property
    def size(self) -> int:
        """Returns the size of the delivered file in bytes."""
        return self.origin.size

    @property
    def key(self) -> str:
        """Returns the key of the delivered file."""
        return self.keys[self.place] if self.keys else self.folder.name

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
            seal(found[name]) == (size, digest) for name, (size, digest) in self.files.items()
        )


def write_entry(
    table: str,
    readings: Sequence[FileReading],
    keys: Sequence[str],
    *,
    sealed: Sealed | None = None,
) -> None:
    """Records the content of the folder of ``readings``, of files with these ``keys``, and waits until all of it is
    on the disk. ``sealed``: its files, where those who wrote them have told."""
    folder = readings[0].folder
    body = {
        "table": table,
        "year": readings[0].file.year,
        "delivered": [
            {
                "key": key,
                "origin": asdict(one.origin),
                "rows": one.rows,
                "kept": one.kept,
                "rejects": [asdict(reject) for reject in one.rejects],
                "emptied": [asdict(reject) for reject in one.emptied],
                "count": asdict(one.count) if one.count else None,
                "notes": list(one.notes),
            }
            for key, one in zip(keys, readings, strict=True)
        ],
        "files": sealed
        if sealed is not None
        else {str(path.relative_to(folder)): seal(path) for path in _parquet(folder)},
    }
    text = json.dumps({"sha256": _digest(body), "body": body}, indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def read_entry(folder: Path, sha256: str | None = None) -> Entry:
    """Returns the entry in ``folder`` of the delivered file with this digest, or the first.

    Raises what ``read_entries`` does, and ValueError where no file there has this digest.
    """
    for entry in read_entries(folder):
        if sha256 in (None, entry.sha256):
            return entry
    raise ValueError(f"{folder / RECORD}: no such file")


def read_entries(folder: Path) -> tuple[Entry, ...]:
    """Returns the entries that share ``folder``. Raises ValueError where it has no record, or a damaged one.

    Raises OSError, such as PermissionError, for a record that exists and cannot be read.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        body = record["body"]
        if record["sha256"] != _digest(body):
            raise ValueError(f"{folder / RECORD}: not what was written")
        # An entry of an earlier version is of one file, whose record is the body itself.
        delivered = body.get("delivered", [body])
        keys = tuple(one["key"] for one in delivered if "delivered" in body)
        files = {name: (size, digest) for name, (size, digest) in body["files"].items()}
        return tuple(
            Entry(
                folder=folder,
                table=body["table"],
                year=body["year"],
                origin=_origin(one["origin"]),
                rows=one["rows"],
                kept=one["kept"],
                rejects=_rejects(one["rejects"]),
                emptied=_rejects(one["emptied"]),
                files=files,
                # Entries of earlier versions have neither.
                count=Count(**one["count"]) if one.get("count") else None,
                notes=tuple(one.get("notes", ())),
                place=place,
                keys=keys,
            )
            for place, one in enumerate(delivered)
        )
    except (FileNotFoundError, NotADirectoryError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{folder / RECORD}: {problem}") from None


def _origin(written: dict[str, Any]) -> Origin:
    return Origin(**written | {name: tuple(written[name]) for name in ("unknown", "absent")})


def _rejects(written: Iterable[dict[str, Any]]) -> tuple[Reject, ...]:
    return tuple(Reject(**one | {"lines": tuple(one["lines"])}) for one in written)


def _parquet(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.parquet") if path.is_file())


def seal(path: Path) -> tuple[int, str]:
    """Returns the size and the SHA-256 of a file."""
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
