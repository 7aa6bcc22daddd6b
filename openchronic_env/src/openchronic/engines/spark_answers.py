"""Brings the few rows of several Spark queries to the driver by one execution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyarrow import parquet

from openchronic.engines.spark_step import in_few

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Texts of values, by the type that Spark names.
READ: Mapping[str, Callable[[str], Any]] = {
    "byte": int,
    "short": int,
    "integer": int,
    "long": int,
    "decimal": Decimal,
    "double": float,
    "boolean": "true".__eq__,
    "date": date.fromisoformat,
}


def rows_of(session: SparkSession, frames: Sequence[DataFrame]) -> list[list[tuple[Any, ...]]]:
    """Returns the rows of each of ``frames``, in no order."""
    return _sorted_out(frames, in_few(session, as_texts(frames)).collect())


def as_texts(frames: Sequence[DataFrame]) -> DataFrame:
    """Returns the rows of all ``frames`` as one table: the number of each, and its values as texts."""
    return reduce(lambda one, other: one.unionAll(other), map(_as_text, count(), frames))


def read_texts(
    frames: Sequence[DataFrame], folder: Path, columns: Sequence[str]
) -> list[list[tuple[Any, ...]]]:
    """Returns the rows of each of ``frames``, which ``as_texts`` made and whose ``columns`` were written in ``folder``."""
    rows: list[tuple[int, list[str | None]]] = []
    for file in sorted(folder.glob("*.parquet")):
        found = parquet.ParquetFile(file).read(columns=list(columns))
        rows += zip(*(found[one].to_pylist() for one in columns), strict=True)
    return _sorted_out(frames, rows)


def _sorted_out(
    frames: Sequence[DataFrame], rows: Iterable[Sequence[Any]]
) -> list[list[tuple[Any, ...]]]:
    found: list[list[tuple[Any, ...]]] = [[] for _ in frames]
    for number, cells in rows:
        kinds = [one.dataType.typeName() for one in frames[number].schema]
        found[number].append(
            tuple(
                None if cell is None else READ.get(kind, str)(cell)
                for cell, kind in zip(cells, kinds, strict=True)
            )
        )
    return found


def _as_text(number: int, frame: DataFrame) -> DataFrame:
    """Returns the rows of ``frame`` as texts, under its number: so rows of several queries come as one table."""
    from pyspark.sql import functions

    named = frame.toDF(*(f"c{place}" for place in range(len(frame.columns))))
    cells = [functions.col(name).cast("string") for name in named.columns]
    return named.select(
        functions.lit(number).alias("number"), functions.array(*cells).alias("cells")
    )
