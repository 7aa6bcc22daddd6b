"""Writes the rows of a block into the files of the extraction: text, gzip or shards of Parquet."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from openchronic.synth.deliveries import Delivery
from openchronic.synth.dressing import SEPARATOR
from openchronic.synth.settings import Format

_CSV = f"FORMAT csv, DELIMITER '{SEPARATOR}', NULLSTR ''"
# Whole lines: in them, nothing is a separator or a quote.
_LINES = "FORMAT csv, DELIMITER '\x01', NULLSTR '', QUOTE '', ESCAPE ''"
# Level 6 takes three times as long for files one tenth smaller.
_LEVEL = 3
# The text of blocks that are not joined yet; the folder is removed at the end.
PARTS = "parts"


def write(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Delivery],
    query: str,
    *,
    root: Path,
    block: int,
) -> None:
    """Writes the rows of the block's query into the ``files`` of one table: the next shard of each, or a part for `append`."""
    if files[0].year is None:
        _copy(connection, files[0], query, root=root, block=block)
        return
    # Rows of all years are made once: a query a year reads, and plans, the same again.
    connection.execute(f"CREATE OR REPLACE TEMP TABLE of_years AS {query}")
    for file in files:
        rows = f"SELECT * EXCLUDE (file_year) FROM of_years WHERE file_year = {file.year}"
        _copy(connection, file, rows, root=root, block=block)
    connection.execute("DROP TABLE of_years")


def _copy(
    connection: duckdb.DuckDBPyConnection, file: Delivery, rows: str, *, root: Path, block: int
) -> None:
    if file.format == "parquet":
        path = root / file.path / f"part-{block:05}.parquet"
        options = "FORMAT parquet"
    else:
        path = _part(root, file, block=block)
        header = "true" if block == 0 else "false"
        options = f"{_LINES if file.is_text else _CSV}, HEADER {header}"
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"COPY ({rows}) TO '{_quoted(path)}' ({options})")


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
