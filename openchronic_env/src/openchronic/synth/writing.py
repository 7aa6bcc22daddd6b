"""Writes the rows of a block into the files of the extraction: text, gzip or shards of Parquet."""

from __future__ import annotations

import gzip
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from openchronic.synth.deliveries import Delivery
from openchronic.synth.settings import Format

_CSV = "FORMAT csv, HEADER {header}, DELIMITER ';', NULLSTR ''"
# Level 6 takes three times as long for files one tenth smaller.
_LEVEL = 3
# The text of blocks that are not joined yet; the folder is removed at the end.
PARTS = "parts"


def write(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, query: str, *, root: Path, block: int
) -> None:
    """Writes the rows of the block's query: the next shard of the folder, or a part for `append`."""
    if delivery.format == "parquet":
        shard = root / delivery.path / f"part-{block:05}.parquet"
        shard.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(f"COPY ({query}) TO '{_quoted(shard)}' (FORMAT parquet)")
        return
    part = _part(root, delivery, block=block)
    part.parent.mkdir(parents=True, exist_ok=True)
    options = _CSV.format(header="true" if block == 0 else "false")
    connection.execute(f"COPY ({query}) TO '{_quoted(part)}' ({options})")


def append(delivery: Delivery, *, root: Path, block: int) -> None:
    """Appends the parts of `write` to the file, byte for byte; shards are in place already."""
    if delivery.format == "parquet":
        return
    part, target = _part(root, delivery, block=block), root / delivery.path
    if block == 0:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.rename(target)
        return
    with target.open("ab") as end, part.open("rb") as rows:
        shutil.copyfileobj(rows, end, 1 << 20)
    part.unlink()


def finish(root: Path, format_: Format, *, threads: int) -> None:
    """Finishes the files when every block is written: gzip compresses each, always to the same bytes."""
    if format_ != "csv.gz":
        return
    texts = sorted(path for path in root.rglob("*") if path.suffix.lower() == ".csv")
    with ThreadPoolExecutor(threads) as pool:
        # An exception of a thread is raised by its result.
        list(pool.map(_pack, texts))


def _pack(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    # The header holds neither time nor name: the bytes depend on the rows alone.
    with (
        path.open("rb") as text,
        packed.open("wb") as file,
        gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as member,
    ):
        shutil.copyfileobj(text, member, 1 << 20)
    path.unlink()


def _part(root: Path, delivery: Delivery, *, block: int) -> Path:
    return root / PARTS / f"{block:05}" / delivery.path


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
