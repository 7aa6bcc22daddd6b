"""DuckDB as the engine of a build: takes one bucket of subjects at a time, in constant memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from openchronic.engines.engine import COMPRESSION, FIRST, Order
from openchronic.engines.scans import parquet
from openchronic.runtime.text import bucket_name, quoted

FORMAT = f"(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION {COMPRESSION}, ROW_GROUP_SIZE 65536)"
# Bytes of the memory limit that one claim line may need in the joins of a month.
BYTES_PER_CLAIM = 1000
# DuckDB keeps rows of each open partition in memory: that many of all of them, and at least a vector of each.
ROWS_IN_PARTITIONS, VECTOR = 640_000, 2048


class Duck:
    """Runs on a connection of the build's own. ``place``: the folder of tables that grow."""

    version = f"duckdb {duckdb.__version__}"
    numbers = "BIGINT[]"
    # Memory holds one table of a step at a time: it is counted and dealt before the next one is made.
    waits = False

    def __init__(self, connection: duckdb.DuckDBPyConnection, place: Path, *, memory: int) -> None:
        self.connection = connection
        self.place = place
        self.memory = memory
        self.kinds: dict[str, str] = {}

    def table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")

    def scratch(self, name: str, query: str) -> None:
        self._become(name, "TABLE")
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def view(self, name: str, query: str) -> None:
        self._become(name, "VIEW")
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def add(self, name: str, part: str, query: str) -> None:
        self.save(query, self.place / name / part)
        self.gather(name)

    def gather(self, name: str) -> None:
        files = sorted((self.place / name).glob("*/*.parquet"))
        self.connection.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {parquet(files, by_name=True)}"
            if files
            else f"DROP VIEW IF EXISTS {name}"
        )

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        self._become(name, "TABLE")
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({declared})")
        lists = [list(cells) for cells in zip(*rows, strict=True)]
        if lists:
            wanted = ", ".join("unnest(?)" for _ in lists)
            self.connection.execute(f"INSERT INTO {name} SELECT {wanted}", lists)

    def drop(self, *names: str) -> None:
        for name in names:
            kind = self.kinds.pop(name, "")
            if kind:
                self.connection.execute(f"DROP {kind} {name}")

    def _become(self, name: str, kind: str) -> None:
        """Drops ``name`` where it has the other kind: a view cannot replace a table, nor the reverse."""
        if self.kinds.get(name, kind) != kind:
            self.drop(name)
        self.kinds[name] = kind

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def answers(self, queries: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        return [self.rows(query) for query in queries]

    def settle(
        self, queries: Sequence[str] = (), *, keeps: bool = False
    ) -> list[list[tuple[Any, ...]]]:
        del keeps
        return self.answers(queries)

    def columns(self, query: str) -> dict[str, str]:
        return {name: kind.lower() for name, kind, *_ in self.rows(f"DESCRIBE {query}")}

    def scan(self, files: Iterable[Path]) -> str:
        return parquet(files)

    def all_except(self, *columns: str) -> str:
        return f"* EXCLUDE ({', '.join(columns)})"

    def distinct(self, columns: Iterable[str]) -> str:
        return f"hash({', '.join(columns)})"

    def route(self, columns: Iterable[str]) -> str:
        return f"hash({', '.join(columns)})"

    def passes(self, buckets: int, *, together: int = 1) -> list[range]:
        return [
            range(first, min(first + together, buckets)) for first in range(0, buckets, together)
        ]

    def most_claims(self) -> int | None:
        return self.memory // BYTES_PER_CLAIM

    def save(self, query: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.connection.execute(
            f"COPY ({query}) TO {quoted(folder / 'part-0.parquet')} (FORMAT parquet)"
        )

    def write_by_bucket(self, query: str, folder: Path, buckets: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if buckets == 1:
            # Dealing costs half of the writing, even to one bucket.
            self.save(query, folder / "bucket=0")
            return
        rows = max(VECTOR, ROWS_IN_PARTITIONS // buckets)
        self.connection.execute(f"SET partitioned_write_flush_threshold = {rows}")
        self.connection.execute(
            f"COPY (SELECT *, CAST(subject_id % {buckets} AS INTEGER) AS bucket FROM ({query})) "
            f"TO {quoted(folder)} (FORMAT parquet, PARTITION_BY (bucket))"
        )

    def files_of_buckets(self, folder: Path, buckets: range) -> list[Path]:
        return sorted(
            path for bucket in buckets for path in folder.glob(f"*/bucket={bucket}/*.parquet")
        )

    def write(self, query: str, folder: Path, order: Order, buckets: range | None = None) -> None:
        by = ", ".join(one if one.endswith(FIRST) else f"{one} NULLS LAST" for one in order)
        if buckets is not None:
            (bucket,) = buckets
            folder /= bucket_name(bucket)
        folder.mkdir(parents=True, exist_ok=True)
        self.connection.execute(
            f"COPY (SELECT * FROM ({query}) ORDER BY {by}) "
            f"TO {quoted(folder / 'part-0.parquet')} {FORMAT}"
        )
