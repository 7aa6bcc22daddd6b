"""Opens Spark on a release: one temporary view per table, memory sized to the session, no network."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from openchronic import extras
from openchronic.api.pinning import pinned
from openchronic.engines.spark_settings import configured, prepare_environment, sized
from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.runtime.limits import memory_limit, thread_limit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHARE_OF_MEMORY = 0.5


def spark(release: Release | str | None = None) -> SparkSession:
    """Ouvre une SparkSession où chaque table de la version est une vue.

    Les réglages viennent de ``SPARK_CONF_DIR`` ; sans eux, Spark tourne dans la session même. Lève
    ``OpenChronicError`` si PySpark ou Java manque, ou si la version n'existe pas.
    """
    chosen = pinned(release)
    prepare_environment()
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise OpenChronicError(
            f"PySpark is not in this environment; {extras.command('spark')}",
            f"Spark n'est pas installé dans cet environnement : {extras.command('spark')}.",
        ) from None
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise OpenChronicError(
            "Spark needs Java, and there is none in this environment: install a Java 17, or name it by JAVA_HOME",
            "Spark a besoin de Java, et il n'y en a pas dans cet environnement : demandez-le à "
            "l'administrateur, ou donnez son dossier par JAVA_HOME.",
        )
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
