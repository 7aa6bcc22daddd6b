"""Starts the Spark session of a build: configured by the site, sized to the files read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic import extras
from openchronic.engines.spark_settings import configured, prepare_environment, sized
from openchronic.engines.spark_step import FEW
from openchronic.engines.spark_tasks import has_executors
from openchronic.engines.specs import SPARK, functions
from openchronic.errors import OpenChronicError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The size of a partition after a shuffle, about what a task reads at a time.
PARTITION_BYTES = 64 << 20
# Rows of SNDS files take some ten times more memory than their Parquet.
UNPACKED = 10
# Notes in a session that it has the functions of a build.
READY = "openchronic.functions"
# Files so small that Java would spend more on compiling a build's code well than the code saves. With the fast compiler alone,
# Java keeps 48 MB of compiled code and not 240: a build has more, which would be compiled again and again. And it collects all
# its memory each time that its classes outgrow what it began with, 21 MB: a build has 200.
SMALL_BYTES = 64 << 20
# Of such files, what one task reads: in one process a task costs more than its rows. On a cluster they are dealt as others.
ONE_TASK_BYTES = 24 << 20
JAVA = "spark.driver.extraJavaOptions"
QUICK_START = {
    JAVA: "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:MetaspaceSize=256m -XX:+UseParallelGC",
    # A table that a join sends to all tasks takes a page at least, unless it is joined by one number: 16 MB for each GB of
    # memory, which some twenty of them would fill.
    "spark.buffer.pageSize": "1m",
    # The programs of queries: of the latest hundred alone, a build would write and compile many again.
    "spark.sql.codegen.cache.maxEntries": "2000",
    # What has run is told and kept for a page that nobody opens.
    "spark.sql.ui.explainMode": "simple",
    "spark.ui.retainedJobs": "1",
    "spark.ui.retainedStages": "1",
    "spark.ui.retainedTasks": "100",
    "spark.sql.ui.retainedExecutions": "1",
}


def begin(files: Iterable[Path], *, memory: int, threads: int) -> SparkSession:
    """Starts a session that reads ``files``: of SPARK_REMOTE, of the cluster of SPARK_CONF_DIR, or a local one.

    ``memory`` (bytes) and ``threads`` apply to a local one. Raises OpenChronicError where Spark is not
    installed.
    """
    prepare_environment()
    size = sum(path.stat().st_size for path in files)
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
        site = configured()
        for name, value in sized(site, memory=memory, threads=threads).items():
            builder = builder.config(name, value)
        for name, value in QUICK_START.items() if is_small(size) else ():
            if name not in site:
                builder = builder.config(name, value)
    session = builder.getOrCreate()
    for name, value in wanted(size, threads=threads, is_one=not has_executors(session)).items():
        session.conf.set(name, value)
    # A build that reads files by executors begins before their sizes are known, and again when they are.
    if session.conf.get(READY, "") != "made":
        for statement in functions(SPARK):
            session.sql(statement)
        session.conf.set(READY, "made")
    return session


def wanted(size: int, *, threads: int, is_one: bool) -> dict[str, str]:
    """Returns the settings that a build of files of ``size`` bytes needs in any session: equal answers everywhere, and
    partitions sized to the data. ``is_one``: the session computes in one process."""
    few = str(1 + size // ONE_TASK_BYTES) if is_small(size) and is_one else ""
    most = str(max(threads, size * UNPACKED // PARTITION_BYTES))
    return {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        # Small partitions are merged, and those of skewed keys split, once their sizes are known: a plan is made again after
        # each of its shuffles, which takes longer than the rows of small files.
        "spark.sql.adaptive.enabled": "false" if is_small(size) else "true",
        "spark.sql.adaptive.skewJoin.enabled": "true",
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": str(PARTITION_BYTES),
        "spark.sql.shuffle.partitions": few or most,
        FEW: few,
    }


def is_small(size: int) -> bool:
    """Returns whether a build of files of ``size`` bytes, where that is known, is a small one."""
    return 0 < size <= SMALL_BYTES
