"""Spark as the engine of a build: takes all subjects at once, partitioned by their number."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from openchronic.engines.engine import COMPRESSION, FIRST, Order
from openchronic.engines.spark_answers import rows_of
from openchronic.runtime.text import bucket_name

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructType

REGISTER = "register.json"
# Counts by filter, by year or by type are hundreds at most: more rows would be data.
MOST_ROWS = 10_000
# The column that tells the tables of one write apart, in the names of folders.
MADE = "_made"
ARROW = {
    "STRING": pa.string(),
    "BIGINT": pa.int64(),
    "INT": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "ARRAY<BIGINT>": pa.list_(pa.int64()),
}


@dataclass
class Step:
    """What waits for the end of a step: tables, the views that may read them, the queries dealt to each folder."""

    tables: dict[str, DataFrame] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)
    dealt: dict[Path, list[tuple[Path, str]]] = field(default_factory=dict)

    def alike(self) -> Iterable[Mapping[str, DataFrame]]:
        """Returns the tables by their columns and types."""
        found: dict[tuple[tuple[str, str], ...], dict[str, DataFrame]] = {}
        for name, frame in self.tables.items():
            found.setdefault(tuple(frame.dtypes), {})[name] = frame
        return found.values()


class Spark:
    """Runs on a Spark session: in the process, by Spark Connect or on a cluster.

    Every table is Parquet in ``place``, which all executors must see: nothing is computed twice, the driver
    receives counts only, and no plan grows from step to step. What a step writes waits for its end: tables of the
    same columns are then one write.
    """

    numbers = "ARRAY<BIGINT>"
    waits = True

    def __init__(self, session: SparkSession, place: Path) -> None:
        self.session = session
        self.version = f"spark {session.version}"
        self.place = place
        self.counter = count()
        self.tables: dict[str, dict[str, str]] = {}
        self.lent: dict[str, list[Path]] = {}
        self.scans: dict[tuple[str, ...], str] = {}
        self.step = Step()
        place.mkdir(parents=True, exist_ok=True)
        self._recall()

    def table(self, name: str, query: str) -> None:
        frame = self.session.sql(query)
        self._register(name, "", self._written(frame, name), frame.schema)

    def scratch(self, name: str, query: str) -> None:
        frame = self.session.sql(query)
        self._lend(name, self._written(frame, name), frame.schema)

    def later(self, name: str, query: str) -> None:
        frame = self.session.sql(query)
        frame.createOrReplaceTempView(name)
        self.step.tables[name] = frame

    def view(self, name: str, query: str) -> None:
        self.session.sql(query).createOrReplaceTempView(name)
        if self.step.tables:
            # It may read one of those, which is written by the end of the step.
            self.step.views[name] = query

    def add(self, name: str, part: str, query: str) -> None:
        frame = self.session.sql(query)
        self._register(name, part, self._written(frame, name), frame.schema)

    def gather(self, name: str) -> None:
        """No build by Spark begins with the parts of another one."""

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        kinds = [(column, ARROW[kind]) for column, kind in columns.items()]
        cells = list(zip(*rows, strict=True)) or [()] * len(kinds)
        given = pa.table(
            [pa.array(list(one), kind) for one, (_, kind) in zip(cells, kinds, strict=True)],
            schema=pa.schema(kinds),
        )
        # The rows go with the plans that read them: no file, and no Python process beside each executor.
        self.session.createDataFrame(given).createOrReplaceTempView(name)

    def drop(self, *names: str) -> None:
        for name in names:
            self.session.catalog.dropTempView(name)
            for folder in self.lent.pop(name, ()):
                shutil.rmtree(folder)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        found = [tuple(row) for row in self.session.sql(query).collect()]
        if len(found) > MOST_ROWS:
            raise RuntimeError(f"{len(found)} rows came to the driver, where only counts may")
        return found

    def answers(self, queries: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        if len(queries) < 2:
            return [self.rows(query) for query in queries]
        found = rows_of([self.session.sql(query) for query in queries])
        if any(len(rows) > MOST_ROWS for rows in found):
            raise RuntimeError("rows came to the driver, where only counts may")
        return found

    def settle(self) -> None:
        step, self.step = self.step, Step()
        for alike in step.alike():
            self._write_together(alike)
        for name, query in step.views.items():
            self.view(name, query)
        for parts in step.dealt.values():
            (folder, _), *_others = parts
            frames = [self.session.sql(query) for _, query in parts]
            _united(frames).write.mode("overwrite").parquet(str(folder))

    def _write_together(self, frames: Mapping[str, DataFrame]) -> None:
        """Writes tables of the same columns at once, each in a folder of its own."""
        from pyspark.sql import functions

        place = self._folder("-".join(frames)[:80])
        named = [frame.withColumn(MADE, functions.lit(name)) for name, frame in frames.items()]
        _united(named).write.mode("overwrite").partitionBy(MADE).parquet(str(place))
        for name, frame in frames.items():
            folder = place / f"{MADE}={name}"
            folder.mkdir(exist_ok=True)
            self._lend(name, str(folder), frame.schema)

    def columns(self, query: str) -> dict[str, str]:
        return dict(self.session.sql(query).dtypes)

    def scan(self, files: Iterable[Path]) -> str:
        paths = tuple(str(path) for path in files)
        if paths not in self.scans:
            name = f"scan_{next(self.counter)}"
            self._show(name, paths)
            self.scans[paths] = name
        return self.scans[paths]

    def all_except(self, *columns: str) -> str:
        return f"* EXCEPT ({', '.join(columns)})"

    def distinct(self, columns: Iterable[str]) -> str:
        # Spark's own hash functions ignore NULL.
        return f"struct({', '.join(columns)})"

    def route(self, columns: Iterable[str]) -> str:
        return f"xxhash64({', '.join(columns)})"

    def passes(self, buckets: int) -> list[range]:
        return [range(buckets)]

    def most_claims(self) -> int | None:
        return None

    def save(self, query: str, folder: Path) -> None:
        self.session.sql(query).write.mode("overwrite").parquet(str(folder))

    def write_by_bucket(self, query: str, folder: Path, buckets: int) -> None:
        del buckets
        # One write of all that a step deals to a table, in the folder of the first.
        self.step.dealt.setdefault(folder.parent, []).append((folder, query))

    def files_of_buckets(self, folder: Path, buckets: range) -> list[Path]:
        del buckets
        return sorted(folder.glob("*/*.parquet"))

    def write(self, query: str, folder: Path, order: Order, buckets: range | None = None) -> None:
        from pyspark.sql import functions

        frame = self.session.sql(query)
        by = [_sorted(column) for column in order]
        if buckets is not None:
            number = functions.expr(f"CAST(subject_id % {len(buckets)} AS STRING)")
            padded = functions.when(functions.length(number) < 2, functions.lpad(number, 2, "0"))
            frame = frame.withColumn("bucket", padded.otherwise(number))
            by = [functions.col("bucket").asc(), *by]
        # Ranges cover the whole sort key, so that one subject with very many rows is split too.
        ordered = frame.repartitionByRange(*by).sortWithinPartitions(*by)
        writer = ordered.write.mode("overwrite").options(
            **{"compression": COMPRESSION, "parquet.writer.version": "PARQUET_2_0"}
        )
        (writer if buckets is None else writer.partitionBy("bucket")).parquet(str(folder))
        if not any(folder.rglob("*.parquet")):
            # The bucket is in the name of the folder, here as elsewhere.
            frame.drop("bucket").limit(0).coalesce(1).write.parquet(str(folder / bucket_name(0)))
        _name_parts(folder)

    def _lend(self, name: str, folder: str, schema: StructType) -> None:
        self._show(name, [folder], schema)
        # A view may still read what the name stood for before.
        self.lent.setdefault(name, []).append(Path(folder))

    def _written(self, frame: DataFrame, name: str) -> str:
        folder = str(self._folder(name))
        frame.write.mode("overwrite").parquet(folder)
        return folder

    def _folder(self, name: str) -> Path:
        """Returns a new folder for ``name``: readers of the previous one keep reading it."""
        return self.place / f"{name}-{os.getpid()}-{next(self.counter)}"

    def _register(self, name: str, part: str, folder: str, schema: StructType) -> None:
        parts = self.tables.setdefault(name, {})
        before = parts.get(part)
        parts[part] = folder
        self._show(name, list(parts.values()), schema)
        fresh = self.place / f"{REGISTER}.new"
        fresh.write_text(json.dumps(self.tables), encoding="utf-8")
        fresh.replace(self.place / REGISTER)
        if before:
            shutil.rmtree(before, ignore_errors=True)

    def _recall(self) -> None:
        """Restores the tables that a killed build had made."""
        register = self.place / REGISTER
        if register.is_file():
            self.tables = json.loads(register.read_text(encoding="utf-8"))
            for name, parts in self.tables.items():
                self._show(name, list(parts.values()))

    def _show(self, name: str, folders: Sequence[str], schema: StructType | None = None) -> None:
        # Without a schema, Spark would start a job that opens a file to find one.
        known = schema or _schema_of(Path(folders[0]))
        self.session.read.schema(known).parquet(*folders).createOrReplaceTempView(name)


def _schema_of(place: Path) -> StructType:
    """Returns the columns of a Parquet file, or of those in a folder."""
    from pyspark.sql.pandas.types import from_arrow_schema

    file = next(iter(sorted(place.glob("*.parquet")))) if place.is_dir() else place
    return from_arrow_schema(parquet.read_schema(file).remove_metadata())


def _united(frames: Sequence[DataFrame]) -> DataFrame:
    return reduce(lambda one, other: one.unionByName(other), frames)


def _sorted(column: str) -> Column:
    from pyspark.sql import functions

    if column.endswith(FIRST):
        return functions.col(column.removesuffix(FIRST)).asc_nulls_first()
    return functions.col(column).asc_nulls_last()


def _name_parts(folder: Path) -> None:
    """Names the files by their position and removes other files: a release must hold nothing else."""
    for extra in [*folder.rglob("_SUCCESS"), *folder.rglob(".*.crc")]:
        extra.unlink()
    for place in {path.parent for path in folder.rglob("*.parquet")}:
        files = sorted(place.glob("*.parquet"))
        # Numbers are as wide as the last one, so that the order of names is the order of rows.
        width = len(str(len(files) - 1))
        for number, path in enumerate(files):
            path.rename(place / f"part-{number:0{width}}.parquet")
