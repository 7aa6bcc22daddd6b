"""Identifies a release by the digests of its recipe (inputs, settings, code) and of its content (every row)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from openchronic.build.ingest import Scanned
from openchronic.build.kept_sums import KeptSums
from openchronic.engines import Engine
from openchronic.ingest.states import Provisional
from openchronic.runtime.text import BUCKET, bucket_name
from openchronic.store.code import code_digest

# The packages whose code decides the content of a release.
CODE = (
    *(
        "build",
        "cartography",
        "catalogue",
        "diseases",
        "engines",
        "ingest",
        "models",
        "nomenclatures",
        "pathway",
        "runtime",
    ),
    "store",
)


@dataclass(frozen=True)
class TableContent:
    """The number of rows and the row digest of one table of a release.

    ``sums``: by bucket (``""``: a table without buckets), the rows and the two sums of their hashes; ``digest``
    is that of the columns and of all sums added, so that one bucket can be made again.
    """

    rows: int
    digest: str
    files: Mapping[str, str]
    sums: Mapping[str, tuple[int, int, int]]


def recipe(scanned: Scanned, settings: Mapping[str, object]) -> str:
    """Returns the digest of all that decides the content: file contents (of names years and months), settings, code, engine."""
    inputs = sorted(
        [table, one.found.sha256, one.file.year or 0, one.file.last_month]
        for table, files in scanned.items()
        for one in files
    )
    text = json.dumps([inputs, settings, code_digest(CODE), duckdb.__version__], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(
    engine: Engine, release: Path, buckets: int, *, kept: KeptSums | None = None
) -> dict[str, TableContent]:
    """Returns the rows, the digests and the file digests of every table under ``release``, cut into
    ``buckets``. ``kept``: the sums of files of the last release, which are not read again.

    The digest is a sum over rows, so that it depends neither on the files and buckets that hold the rows nor on
    the engine: the same rows make the same release.
    """
    tables = {
        folder.name: sorted(folder.rglob("*.parquet"))
        for folder in sorted(path for path in release.iterdir() if path.is_dir())
    }
    cut = {
        name: any(path.parent.name.startswith(BUCKET) for path in files)
        for name, files in tables.items()
    }
    rows = {name: f"SELECT * FROM {engine.scan(files)}" for name, files in tables.items()}
    columns = {name: engine.columns(query) for name, query in rows.items()}
    digests = {path: _sha256(path) for files in tables.values() for path in files}
    summing = {name: _summing(columns[name], buckets if cut[name] else None) for name in tables}
    found: Iterable[Iterable[Sequence[Any]]]
    if kept:
        found = [
            kept.sums({path: digests[path] for path in tables[name]}, summing[name])
            for name in tables
        ]
        kept.note()
    else:
        found = engine.answers([summing[name](query) for name, query in rows.items()])
    contents = {}
    for name, answer in zip(tables, found, strict=True):
        sums = _sums(answer, is_cut=cut[name])
        total = [sum(numbers) for numbers in zip(*sums.values(), strict=True)] or [0, 0, 0]
        added = " ".join(str(number) for number in total)
        digest = hashlib.sha256(f"{list(columns[name])} {added}".encode()).hexdigest()
        contents[name] = TableContent(
            rows=total[0],
            digest=digest,
            files={str(path.relative_to(release)): digests[path] for path in tables[name]},
            sums=sums,
        )
    return contents


def _summing(columns: Mapping[str, str], buckets: int | None) -> Callable[..., str]:
    """Returns what writes SQL: the number of some rows by bucket, and the two sums of their hashes; by a column first,
    where it is given one."""
    bucket = f"CAST(subject_id % {buckets} AS INTEGER)" if buckets else "0"

    def summed(rows: str, by: str = "") -> str:
        first = f"{by}, " if by else ""
        # Two sums of 53-bit numbers make an accidental match negligible, and both engines can compute
        # them.
        return (
            f"SELECT {first}bucket, count(*), sum(CAST(digest_bits(hash, 1) AS DECIMAL(38, 0))), "
            "sum(CAST(digest_bits(hash, 15) AS DECIMAL(38, 0))) "
            f"FROM (SELECT {first}{bucket} AS bucket, md5({_text(columns)}) AS hash FROM ({rows})) "
            f"GROUP BY {first}bucket"
        )

    return summed


def _sums(answer: Iterable[Sequence[Any]], *, is_cut: bool) -> dict[str, tuple[int, int, int]]:
    sums: dict[str, tuple[int, int, int]] = {}
    for number, count, first, second in sorted(answer, key=lambda row: (row[0] is None, row[0])):
        # A row without a subject is in no bucket; the assertions refuse it by name, later.
        name = bucket_name(number) if is_cut and number is not None else ""
        before = sums.get(name, (0, 0, 0))
        sums[name] = (before[0] + count, before[1] + int(first), before[2] + int(second))
    return sums


def content_digest(
    contents: Mapping[str, TableContent], awaited: Iterable[Provisional] = ()
) -> str:
    """Returns one digest of all tables except ``reject``, which names files and lines of the delivery.

    Rows of a provisional year are not those of the whole one, were they the same: ``awaited`` tells them apart.
    """
    tables = {name: one.digest for name, one in contents.items() if name != "reject"}
    tables |= {f"{one.product} {one.year}": str(one.month) for one in awaited}
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def _text(columns: Mapping[str, str]) -> str:
    """Returns SQL: a row as text that distinguishes an empty value from NULL, and the ends of values."""
    values = (
        # The engines write the decimal point of large numbers in different ways.
        f"coalesce(CAST(CAST({name} AS DECIMAL(38, 5)) AS STRING), '-')"
        if kind == "double"
        else f"coalesce('=' || CAST({name} AS STRING), '-')"
        for name, kind in columns.items()
    )
    return f"concat_ws(chr(31), {', '.join(values)})"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
