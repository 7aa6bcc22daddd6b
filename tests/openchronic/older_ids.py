"""Releases with identifiers of manifest format 1: 32 hexadecimal digits of the same hash."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from openchronic.runtime.text import quoted, sql

IDS = {"event": ("event_id", "stay_id", "episode_id"), "stay": ("stay_id", "episode_id")}


def with_older_ids(releases: Path, copy: Path) -> Path:
    """Writes ``copy`` of a folder of releases, with identifiers whose last eight digits are arbitrary."""
    shutil.copytree(releases, copy, symlinks=True)
    with duckdb.connect() as connection:
        connection.execute(sql("duckdb_functions"))
        for table, names in IDS.items():
            older = ", ".join(
                f"hex_of_id({name}) || substr(md5({name}), 1, 8) AS {name}" for name in names
            )
            for path in sorted(copy.glob(f"*/2*/{table}/**/*.parquet")):
                new = path.with_suffix(".new")
                connection.execute(
                    f"COPY (SELECT * REPLACE ({older}) FROM read_parquet({quoted(path)}, "  # noqa: S608 - our own text
                    f"hive_partitioning = false)) TO {quoted(new)} (FORMAT parquet)"
                )
                new.replace(path)
    return copy
