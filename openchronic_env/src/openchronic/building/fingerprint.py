"""What identifies a release: the recipe (inputs, settings, code) and the content (every row)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from openchronic.building.ingest import Scanned
from openchronic.building.typed import file_list
from openchronic.store.code import code_digest

# The packages that decide what a release holds.
CODE = ("building", "cartography", "delivery", "schema", "sql", "store")


@dataclass(frozen=True)
class TableContent:
    """Rows and row digest of one table of a release."""

    rows: int
    digest: str
    files: Mapping[str, str]


def recipe(scanned: Scanned, settings: Mapping[str, object]) -> str:
    """Digest of all that decides the content: file contents (not names), settings, code, engine."""
    inputs = sorted(
        [table, one.found.sha256, one.file.year or 0]
        for table, files in scanned.items()
        for one in files
    )
    text = json.dumps([inputs, settings, code_digest(CODE), duckdb.__version__], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(connection: duckdb.DuckDBPyConnection, release: Path) -> dict[str, TableContent]:
    """Rows, digest and file digests of every table under ``release``.

    The digest is a sum over rows, so it does not depend on how rows are cut into files. It uses
    the engine's own hash, the fastest: it may change with the engine's version.
    """
    contents = {}
    for folder in sorted(path for path in release.iterdir() if path.is_dir()):
        files = sorted(folder.rglob("*.parquet"))
        scan = file_list(files)
        columns = [
            name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
        ]
        (found,) = connection.execute(
            f"SELECT count(*), sum(CAST(hash({', '.join(columns)}) AS HUGEINT)) FROM {scan}"
        ).fetchall()
        digest = hashlib.sha256(f"{columns} {found[0]} {found[1]}".encode()).hexdigest()
        contents[folder.name] = TableContent(
            rows=found[0],
            digest=digest,
            files={str(path.relative_to(release)): _sha256(path) for path in files},
        )
    return contents


def content_digest(contents: Mapping[str, TableContent]) -> str:
    """One digest of all tables but ``reject``, which names files and lines of the delivery."""
    tables = {name: one.digest for name, one in contents.items() if name != "reject"}
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
