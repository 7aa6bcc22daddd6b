"""Appending the rows of a block to a file of the extraction: text, gzip or shards of Parquet."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import duckdb

from openchronic.synth.deliveries import Delivery
from openchronic.synth.settings import Format

_CSV = "FORMAT csv, HEADER {header}, DELIMITER ';', NULLSTR ''"
# Level 6 takes three times as long for a tenth less.
_LEVEL = 3


def append(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, *, root: Path, block: int
) -> None:
    """Write the block's rows at the end of the file, or as the next shard of its folder."""
    target = root / delivery.path
    query = delivery.query(connection)
    if delivery.format == "parquet":
        target.mkdir(parents=True, exist_ok=True)
        shard = _quoted(target / f"part-{block:05}.parquet")
        connection.execute(f"COPY ({query}) TO '{shard}' (FORMAT parquet)")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    first = not target.exists()
    # DuckDB cannot append to a CSV file: later blocks go through a part, joined byte for byte.
    written = target if first else target.with_suffix(".part")
    options = _CSV.format(header="true" if first else "false")
    connection.execute(f"COPY ({query}) TO '{_quoted(written)}' ({options})")
    if not first:
        with target.open("ab") as end, written.open("rb") as part:
            shutil.copyfileobj(part, end, 1 << 20)
        written.unlink()


def finish(root: Path, format_: Format) -> None:
    """What is left to do when every block is written: gzip packs each file, the same each time."""
    if format_ != "csv.gz":
        return
    for path in sorted(path for path in root.rglob("*") if path.suffix.lower() == ".csv"):
        packed = path.with_name(f"{path.name}.gz")
        # Neither the time nor the name is in the header: the bytes depend on the rows alone.
        with (
            path.open("rb") as text,
            packed.open("wb") as file,
            gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as member,
        ):
            shutil.copyfileobj(text, member, 1 << 20)
        path.unlink()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
