"""Spark as the engine of a build: takes all subjects at once, partitioned by their number."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from openchronic.engines.engine import COMPRESSION, FIRST, Order
from openchronic.runtime.text import bucket_name

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructType

REGISTER = "register.json"
# Counts by filter, by year or by type are hundreds at most: more rows would be data.
MOST_ROWS = 10_000
ARROW = {
    "STRING": pa.string(),
    "BIGINT": pa.int64(),
    "INT": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "ARRAY<BIGINT>": pa.list_(pa.int64()),
}


class Spark:
    """Runs on a Spark session: in the process, by Spark Connect or on a cluster.

    Every table is Parquet in ``place``, which all executors must see: nothing is computed twice, the driver
    receives counts only, and no plan grows from step to step.
    """

    numbers = "ARRAY<BIGINT>"

    def __init__(self, session: SparkSession, place: Path) -> None:
        self.session = session
        self.version = f"spark {session.version}"
        self.place = place
        self.counter = count()
        self.tables: dict[str, dict[str, str]] = {}
        self.lent: dict[str, str] = {}
        place.mkdir(parents=True, exist_ok=True)
        self._recall()

    def table(self, name: str, query: str) -> None:
        self._register(name, "", self._written(self.session.sql(query), name))

    def scratch(self, name: str, query: str) -> None:
        frame = self.session.sql(query)
        self._lend(name, self._written(frame, name), frame.schema)

    def view(self, name: str, query: str) -> None:
        self.session.sql(query).createOrReplaceTempView(name)

    def add(self, name: str, part: str, query: str) -> None:
        self._register(name, part, self._written(self.session.sql(query), name))

    def gather(self, name: str) -> None:
        """No build by Spark begins with the parts of another one."""

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        kinds = [(column, ARROW[kind]) for column, kind in columns.items()]
        cells = list(zip(*rows, strict=True)) or [()] * len(kinds)
        given = pa.table(
            [pa.array(list(one), kind) for one, (_, kind) in zip(cells, kinds, strict=True)],
            schema=pa.schema(kinds),
        )
        # The driver writes these rows, so that no Python process starts beside each executor.
        folder = self._folder(name)
        folder.mkdir()
        parquet.write_table(given, folder / "part-0.parquet")
        self._lend(name, str(folder), None)

    def drop(self, *names: str) -> None:
        for name in names:
            self.session.catalog.dropTempView(name)
            if name in self.lent:
                shutil.rmtree(self.lent.pop(name))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        found = [tuple(row) for row in self.session.sql(query).collect()]
        if len(found) > MOST_ROWS:
            raise RuntimeError(f"{len(found)} rows came to the driver, where only counts may")
        return found

    def columns(self, query: str) -> dict[str, str]:
        return dict(self.session.sql(query).dtypes)

    def scan(self, files: Iterable[Path]) -> str:
        name = f"scan_{next(self.counter)}"
        self._show(name, [str(path) for path in files])
        return name

    def all_except(self, *columns: str) -> str:
        return f"* EXCEPT ({', '.join(columns)})"

    def distinct(self, columns: Iterable[str]) -> str:
        # Spark's own hash functions ignore NULL.
        return f"struct({', '.join(columns)})"

    def passes(self, buckets: int) -> list[range]:
        return [range(buckets)]

    def most_claims(self) -> int | None:
        return None

    def save(self, query: str, folder: Path) -> None:
        self.session.sql(query).write.mode("overwrite").parquet(str(folder))

    def write_by_bucket(self, query: str, folder: Path, buckets: int) -> None:
        del buckets
        self.save(query, folder)

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

    def _lend(self, name: str, folder: str, schema: StructType | None) -> None:
        before = self.lent.get(name)
        self._show(name, [folder], schema)
        self.lent[name] = folder
        if before:
            shutil.rmtree(before)

    def _written(self, frame: DataFrame, name: str) -> str:
        folder = str(self._folder(name))
        frame.write.mode("overwrite").parquet(folder)
        return folder

    def _folder(self, name: str) -> Path:
        """Returns a new folder for ``name``: readers of the previous one keep reading it."""
        return self.place / f"{name}-{os.getpid()}-{next(self.counter)}"

    def _register(self, name: str, part: str, folder: str) -> None:
        parts = self.tables.setdefault(name, {})
        before = parts.get(part)
        parts[part] = folder
        self._show(name, list(parts.values()))
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
        # Without a schema, Spark would open a file to find one.
        reader = self.session.read.schema(schema) if schema else self.session.read
        reader.parquet(*folders).createOrReplaceTempView(name)


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
