"""How a supplier orders, cuts, writes and names files changes the inputs of a release, nothing else."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

from tests.openchronic.front_door import built


def manifest(source: Path, releases: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((built(source, releases) / "manifest.json").read_text())
    return found


def written_otherwise(path: Path, folder: Path) -> None:
    """Lines shuffled, columns from last to first, in three files (one of them gzip) of another dialect."""
    header, *lines = (line.split(";")[::-1] for line in path.read_text().splitlines())
    Random(path.name).shuffle(lines)  # noqa: S311 - the same order at each run
    # A file of few lines stays whole: an empty part of a required table is refused.
    parts = 3 if len(lines) > 2 else 1
    for part in range(parts):
        text = "".join("\t".join(line) + "\r\n" for line in [header, *lines[part::parts]])
        data = text.encode("utf-8-sig")
        name = f"{path.stem.lower()}_part{part}.csv"
        if part:
            (folder / name).write_bytes(data)
        else:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data))


def test_a_delivery_written_otherwise_gives_the_same_release(
    synthetic: Path, tmp_path: Path
) -> None:
    source = tmp_path / "otherwise"
    source.mkdir()
    for path in sorted(synthetic.rglob("*.CSV")):
        written_otherwise(path, source)
    first, found = manifest(synthetic, tmp_path / "first"), manifest(source, tmp_path / "second")
    assert found["inputs"] != first["inputs"]
    assert found["content_sha256"] == first["content_sha256"]
    for name in ("rows_read", "filters", "identity", "duplicates", "regularised", "events"):
        assert found[name] == first[name], name
