"""The order, cut, format and names of files change the inputs of a release, and nothing else."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.openchronic.front_door import built, digests, one_year, one_year_release


def written_otherwise(path: Path, target: Path) -> None:
    """Writes lines shuffled, columns from last to first, in two files (one of them gzip) of another dialect."""
    header, *lines = (line.split(";")[::-1] for line in path.read_text().splitlines())
    luck = Random(path.name)  # noqa: S311 - the same order at each run
    luck.shuffle(lines)
    # A file of few lines stays whole: an empty part of a required table is refused.
    cut = luck.randint(1, len(lines) - 1) if len(lines) > 1 else len(lines)
    for part, some in enumerate([lines[:cut], lines[cut:]] if lines[cut:] else [lines]):
        text = "".join("\t".join(line) + "\r\n" for line in [header, *some])
        data = text.encode("utf-8-sig")
        name = f"{path.stem.lower()}_part{part}.csv"
        folder = target / f"part {part}"
        folder.mkdir(exist_ok=True)
        if part:
            (folder / name).write_bytes(data)
        else:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data))


def test_order_of_lines_and_columns_cut_names_and_dialect_of_files_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    source = tmp_path / "otherwise"
    source.mkdir()
    for path in sorted(one_year(tmp_path_factory).rglob("*.CSV")):
        written_otherwise(path, source)
    first, second = one_year_release(tmp_path_factory), built(source, tmp_path / "second")
    expected, found = manifest(first), manifest(second)
    assert found["inputs"] != expected["inputs"]
    assert digests(second) == digests(first)
    assert found["content_sha256"] == expected["content_sha256"]
    assert second.name[-12:] == first.name[-12:]
    for name in ("rows_read", "filters", "identity", "duplicates", "regularised", "events"):
        assert found[name] == expected[name], name


def manifest(release: Path) -> dict[str, Any]:
    return dict(json.loads((release / "manifest.json").read_text()))
