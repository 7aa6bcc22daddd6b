"""Runs Python on Spark's executors: one task for each piece of work, whose answer is a few bytes for the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from openchronic.engines.spark_settings import is_one_process

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Rows of a small table go into as many partitions as there are of these.
PARTITIONS = "spark.sql.leafNodeDefaultParallelism"
WORK, ANSWER = "work", "answer"


def has_executors(session: SparkSession) -> bool:
    """Returns whether the session computes in other processes than its driver, on this machine or others."""
    return not is_one_process(session.conf.get("spark.master", "local") or "local")


def run_tasks(
    session: SparkSession, function: Callable[[bytes], bytes], works: Sequence[bytes]
) -> list[bytes]:
    """Returns what ``function`` answers for each of ``works``, in their order: each is one task of an executor.

    Spark may run a task more than once, also at the same time, and takes the answer of one. The executors must have the
    module of ``function``.
    """
    if not works:
        return []
    given = pa.table({WORK: pa.array(works, pa.binary())})
    session.conf.set(PARTITIONS, str(len(works)))
    try:
        frame = session.createDataFrame(given)
        rows = frame.mapInArrow(_over(function), f"{ANSWER} binary").collect()
    finally:
        session.conf.unset(PARTITIONS)
    return [bytes(row[0]) for row in rows]


def _over(
    function: Callable[[bytes], bytes],
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def over(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for work in batch.column(0).to_pylist():
                answer = pa.array([function(work)], pa.binary())
                yield pa.RecordBatch.from_arrays([answer], names=[ANSWER])

    return over
