"""Spark on a release: one temporary view per table, memory sized to the session, no network."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic import extras
from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.session.limits import memory_limit, thread_limit
from openchronic.session.pinning import pinned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHARE_OF_MEMORY = 0.5
LEAST_MEMORY = 512 << 20


def spark(release: Release | str | None = None) -> SparkSession:
    """Une SparkSession où chaque table de la version est une vue.

    Les réglages viennent de ``SPARK_CONF_DIR`` ; sans eux, Spark tourne dans la session même.
    """
    chosen = pinned(release)
    prepare_environment()
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise OpenChronicError(
            f"Spark n'est pas installé dans cet environnement : {extras.command('spark')}."
        ) from None
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise OpenChronicError("Spark a besoin de Java, et il n'y en a pas dans cet environnement.")
    builder = SparkSession.builder.appName("openchronic")
    memory = int(memory_limit() * SHARE_OF_MEMORY)
    settings = sized(configured(), memory=memory, threads=thread_limit())
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    for name in chosen.tables:
        files = [str(path) for path in chosen.files(name)]
        rows = session.read.parquet(*files)
        condition = chosen.condition(name)
        (rows.where(condition) if condition else rows).createOrReplaceTempView(name)
    return session


def prepare_environment() -> None:
    # Workers must run this very Python, whatever `python3` means on the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    # Without a network the host's name may not resolve.
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def sized(configured: set[str], *, memory: int, threads: int) -> dict[str, str]:
    """What the site's configuration leaves open. ``memory`` in bytes."""
    memory = max(LEAST_MEMORY, memory)
    wanted = {
        "spark.driver.memory": f"{memory >> 20}m",
        "spark.master": f"local[{threads}]",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
    }
    return {name: value for name, value in wanted.items() if name not in configured}


def configured() -> set[str]:
    """The settings that ``spark-defaults.conf`` makes."""
    folder = os.environ.get("SPARK_CONF_DIR")
    file = Path(folder, "spark-defaults.conf") if folder else None
    if file is None or not file.is_file():
        return set()
    lines = file.read_text(encoding="utf-8").splitlines()
    return {
        line.split(maxsplit=1)[0].split("=")[0]
        for line in lines
        if line.strip() and not line.lstrip().startswith("#")
    }
