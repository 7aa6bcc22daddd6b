"""What a step of a build on Spark leaves to its end: its tables, the rows that it deals and its answers are one write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic.engines.engine import Order

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# The column that tells the tables of one write apart, in the names of folders.
MADE = "_made"
# Each task writes the rows of few of the tables: it keeps their files open, and need not sort its rows by table.
MOST_WRITERS = 64
WRITERS = "spark.sql.maxConcurrentOutputFileWriters"
# Parquet keeps up to so many bytes of rows for each open file: by default 128 MB, of which seven fill a memory of 1 GB.
ROWS_TOGETHER = "parquet.block.size"
SHARED_BYTES = 8 << 20
# The setting of a session of small files: into how many partitions their rows go.
FEW = "openchronic.partitions"


@dataclass(frozen=True)
class Column:
    """A column of a table as it lies in files. ``written``: its name there; ``kind``: its type, as Spark writes it."""

    written: str
    name: str
    kind: str


@dataclass
class Step:
    """What waits for the end of a step.

    ``tables``: those that outlive it, by name and part; ``views``: those that may read one of them; ``dealt``: the rows
    dealt to each folder; ``released``: the tables of the release without buckets, by folder; ``lent``: what is
    computed for this step.
    """

    tables: dict[tuple[str, str], DataFrame] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)
    dealt: dict[Path, list[tuple[Path, DataFrame]]] = field(default_factory=dict)
    released: dict[Path, tuple[DataFrame, Order]] = field(default_factory=dict)
    lent: set[str] = field(default_factory=set)


def in_few(session: SparkSession, frame: DataFrame) -> DataFrame:
    """Returns the rows of ``frame``: in as many partitions as they fill, where all files are small.

    Each partition of each part of a union is a task otherwise, which receives the plan of the whole. Where there is one,
    rows are together by any key, and no query deals them again.
    """
    few = session.conf.get(FEW, "")
    return frame.coalesce(int(few)) if few else frame


def columns_of(frame: DataFrame) -> tuple[Column, ...]:
    """Returns the columns of ``frame`` under their own names."""
    return tuple(Column(name, name, kind) for name, kind in frame.dtypes)


def shown(session: SparkSession, frame: DataFrame) -> DataFrame:
    """Returns the rows of ``frame``, which are computed once, by its first reader, and kept until it is unpersisted.

    Readers see a table, not the plan that makes it: Spark would analyse that again for each of them.
    """
    from pyspark.sql import DataFrame
    from pyspark.sql.utils import is_remote

    frame.persist()
    if is_remote():
        return frame
    java, jvm = session._jsparkSession, session._jvm
    kept = java.sharedState().cacheManager().lookupCachedData(frame._jdf).get()
    rows = jvm.org.apache.spark.sql.classic.Dataset.ofRows(java, kept.cachedRepresentation())
    return DataFrame(rows, session)


def write_together(
    session: SparkSession, frames: Mapping[str, DataFrame], place: Path
) -> dict[str, tuple[Path, tuple[Column, ...]]]:
    """Writes ``frames`` by one execution; returns the folder of each in ``place``, and its columns there.

    They share the columns of files, by type: the n-th text of each is in the same one. So rows are no wider than those
    of the widest table.
    """
    if len(frames) == 1:
        ((name, frame),) = frames.items()
        in_few(session, frame).write.mode("overwrite").parquet(str(place))
        return {name: (place, columns_of(frame))}
    shapes = {name: _shared(frame) for name, frame in frames.items()}
    every = {one.written: one.kind for shape in shapes.values() for one in shape}
    rows = [_in_shape(frame, name, shapes[name], every) for name, frame in frames.items()]
    before = session.conf.get(WRITERS)
    session.conf.set(WRITERS, str(MOST_WRITERS))
    try:
        writer = in_few(session, united(rows)).write.mode("overwrite").partitionBy(MADE)
        if session.conf.get(FEW, ""):
            # One task writes all tables.
            writer = writer.option(ROWS_TOGETHER, str(SHARED_BYTES))
        writer.parquet(str(place))
    finally:
        session.conf.set(WRITERS, str(before))
    found = {}
    for name, shape in shapes.items():
        folder = place / f"{MADE}={name}"
        folder.mkdir(exist_ok=True)
        found[name] = (folder, shape)
    return found


def _shared(frame: DataFrame) -> tuple[Column, ...]:
    seen: dict[str, int] = {}
    shape = []
    for name, kind in frame.dtypes:
        number = seen[kind] = seen.get(kind, 0) + 1
        plain = "".join(letter if letter.isalnum() else "_" for letter in kind)
        shape.append(Column(f"{plain}_{number}", name, kind))
    return tuple(shape)


def _in_shape(
    frame: DataFrame, made: str, shape: Sequence[Column], every: Mapping[str, str]
) -> DataFrame:
    """Returns the rows of ``frame`` with the columns of ``every`` table, and its own name."""
    from pyspark.sql import functions

    own = frame.toDF(*(one.written for one in shape))
    there = {one.written for one in shape}
    return own.select(
        *(
            functions.col(written)
            if written in there
            else functions.lit(None).cast(kind).alias(written)
            for written, kind in every.items()
        ),
        functions.lit(made).alias(MADE),
    )


def read(session: SparkSession, paths: Sequence[str], columns: Sequence[Column]) -> DataFrame:
    """Returns the rows of files that ``write_together`` wrote, under their own names; no job looks for columns."""
    declared = ", ".join(f"`{one.written}` {one.kind}" for one in columns)
    rows = session.read.schema(declared).parquet(*paths)
    return in_few(session, rows.toDF(*(one.name for one in columns)))


def united(frames: Sequence[DataFrame]) -> DataFrame:
    """Returns all rows of ``frames``, which have the same columns in the same order."""
    return reduce(lambda one, other: one.unionAll(other), frames)
