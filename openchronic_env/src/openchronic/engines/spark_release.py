"""Writes the tables of a release from Spark: in their order, under the names that a release has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

from openchronic.engines.engine import COMPRESSION, FIRST, Order
from openchronic.engines.spark_step import Column as Written
from openchronic.engines.spark_step import read
from openchronic.runtime.text import bucket_name

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

# Tables of so few bytes are put in order by the driver: an execution costs more.
FEW_BYTES = 8 << 20


def lay_in_order(
    session: SparkSession,
    made: Path,
    columns: tuple[Written, ...],
    folder: Path,
    frame: DataFrame,
    order: Order,
) -> None:
    """Writes in ``folder`` the rows of ``frame``, which are in ``made`` with those ``columns``, in ``order``."""
    files = sorted(made.glob("*.parquet"))
    if any(one.endswith(FIRST) for one in order) or _size(files) > FEW_BYTES:
        write_in_order(read(session, [str(made)], columns), folder, order)
        return
    from pyspark.sql.pandas.types import to_arrow_schema

    own, written = [one.name for one in columns], [one.written for one in columns]
    known = to_arrow_schema(frame.schema)
    # Those that were NULL in some file may be so in all of them.
    schema = pa.schema([field.with_nullable(True) for field in known])
    read_files = [parquet.ParquetFile(one).read(columns=written) for one in files]
    parts = [one.select(written).rename_columns(own).cast(schema) for one in read_files]
    rows = pa.concat_tables([schema.empty_table(), *parts])
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(
        rows.sort_by([(one, "ascending") for one in order]),
        folder / "part-0.parquet",
        compression=COMPRESSION,
    )


def write_in_order(
    frame: DataFrame, folder: Path, order: Order, buckets: range | None = None
) -> None:
    """Writes the rows of ``frame`` in ``order``, in one folder ``bucket=NN`` per bucket if there are buckets."""
    from pyspark.sql import functions

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


def _size(files: list[Path]) -> int:
    return sum(one.stat().st_size for one in files)


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
