"""The sums of the rows of files of a release, noted by the digest of their content: a later build reads new files alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from openchronic.engines import Engine
from openchronic.engines.scans import parquet

# The bucket, the number of rows, and the two sums of their hashes, which are too large for numbers of JSON.
Row = tuple[int | None, int, str, str]
FILE = "of_file"


class KeptSums:
    """The sums of the files of the last release, in ``place``; ``made``: those of the release being made."""

    def __init__(self, engine: Engine, place: Path) -> None:
        self.engine = engine
        self.place = place
        self.before: dict[str, list[Row]] = {}
        self.made: dict[str, list[Row]] = {}
        with suppress(OSError, ValueError):
            self.before = json.loads(place.read_text(encoding="utf-8"))

    def sums(self, files: Mapping[Path, str], summed: Callable[[str, str], str]) -> Iterable[Row]:
        """Returns the sums of ``files``, which are given with their digests, by file and bucket.

        ``summed`` writes the query of them over some rows, by a column with their file.
        """
        text = summed("files", FILE)
        keys = {
            path: hashlib.sha256(f"{digest} {text}".encode()).hexdigest()
            for path, digest in files.items()
        }
        fresh = {str(path): key for path, key in keys.items() if key not in self.before}
        found: dict[str, list[Row]] = {key: [] for key in fresh.values()}
        if fresh:
            rows = f"SELECT * FROM {parquet(map(Path, fresh), file_as=FILE)}"
            for file, bucket, count, first, second in self.engine.rows(summed(rows, FILE)):
                found[fresh[file]].append((bucket, count, str(first), str(second)))
        for key in keys.values():
            self.made[key] = found[key] if key in found else self.before[key]
        return [row for path in keys for row in self.made[keys[path]]]

    def note(self) -> None:
        """Notes the sums of this release, in one step."""
        self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.place.with_suffix(".new")
        fresh.write_text(json.dumps(self.made), encoding="utf-8")
        fresh.replace(self.place)
