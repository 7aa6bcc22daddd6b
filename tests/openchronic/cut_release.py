"""A release whose files are cut as Spark may cut them: by ranges of rows, within a subject's day."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any, Literal

from pyarrow import compute, parquet

from tests.openchronic.commands.faulty_releases import change_manifest

Where = Literal["first", "last"]


def cut_in_a_day(release: Path, releases: Path, *, at: Where = "first") -> Path:
    """Copies a release to ``releases``, each file in two: cut within the first, or last, day of two rows.

    A table without days is cut between two rows of a subject; one without subjects, or with one row each,
    anywhere.
    """
    base = releases / release.parent.name
    shutil.copytree(release.parent, base, symlinks=True)
    copy = base / release.name
    named: dict[str, dict[str, str]] = {}
    for table in sorted(path for path in copy.iterdir() if path.is_dir()):
        for path in sorted(table.rglob("*.parquet")):
            rows = parquet.ParquetFile(path).read()
            place = _place(rows, at)
            path.unlink()
            for number, piece in enumerate((rows.slice(0, place), rows.slice(place))):
                part = path.with_name(f"part-{number}.parquet")
                parquet.write_table(piece, part, compression="zstd")
                digest = hashlib.sha256(part.read_bytes()).hexdigest()
                named.setdefault(table.name, {})[str(part.relative_to(copy))] = digest

    def rename(manifest: dict[str, Any]) -> None:
        for table, files in named.items():
            manifest["tables"][table]["files"] = files

    change_manifest(copy, rename)
    return copy


def _place(rows: Any, at: Where) -> int:
    """Returns the number of the first row of the second part."""
    same = None
    for column in ("subject_id", "start_date"):
        if column in rows.column_names:
            values = rows[column]
            alike = compute.equal(values.slice(1), values.slice(0, max(len(values) - 1, 0)))
            same = alike if same is None else compute.and_(same, alike)
    places = [] if same is None else [n for n, one in enumerate(same.to_pylist(), 1) if one]
    if not places:
        return len(rows) // 2
    return int(places[0] if at == "first" else places[-1])
