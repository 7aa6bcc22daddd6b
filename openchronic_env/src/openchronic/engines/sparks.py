"""The Spark session of a build: of the site's configuration, sized to what is read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic import extras
from openchronic.engines.spark_settings import configured, prepare_environment, sized
from openchronic.engines.specs import SPARK, functions
from openchronic.errors import OpenChronicError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What a partition holds after a shuffle, about as much as a task reads at a time.
PARTITION_BYTES = 64 << 20
# Parquet of SNDS files takes some ten times its size once it is rows in memory.
UNPACKED = 10


def begin(files: Iterable[Path], *, memory: int, threads: int) -> SparkSession:
    """A session that reads ``files``: of SPARK_REMOTE, of the cluster of SPARK_CONF_DIR, or local.

    ``memory`` (bytes) and ``threads`` are those of a local one. Raises OpenChronicError: no Spark.
    """
    prepare_environment()
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise OpenChronicError(
            "--engine spark: PySpark is not in this environment; "
            f"{extras.command('spark')}, or build in a session"
        ) from None
    builder = SparkSession.builder.appName("openchronic build")
    # A server of Spark Connect has its own resources.
    if "SPARK_REMOTE" not in os.environ:
        for name, value in sized(configured(), memory=memory, threads=threads).items():
            builder = builder.config(name, value)
    session = builder.getOrCreate()
    for name, value in _wanted(files, threads=threads).items():
        session.conf.set(name, value)
    for statement in functions(SPARK):
        session.sql(statement)
    return session


def _wanted(files: Iterable[Path], *, threads: int) -> dict[str, str]:
    """What a build needs of any session: the same answers everywhere, and parts that follow the data."""
    size = sum(path.stat().st_size for path in files)
    return {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        # Small parts are joined, and those of skewed keys cut, once their sizes are known.
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.adaptive.skewJoin.enabled": "true",
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": str(PARTITION_BYTES),
        "spark.sql.shuffle.partitions": str(max(threads, size * UNPACKED // PARTITION_BYTES)),
    }
