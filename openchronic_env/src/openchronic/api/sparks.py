"""Opens Spark on a release: one temporary view per table, memory sized to the session, no network."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openchronic import extras
from openchronic.api.pages import announce, show
from openchronic.api.pinning import pinned
from openchronic.engines.spark_settings import configured, prepare_environment, sized
from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.runtime.limits import memory_limit, thread_limit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

# Of the session's memory, for Spark's driver: Java needs more beside its heap, and Python the rest.
SPARK_SHARE_OF_SESSION = 0.5
# Its web interface, where its user asks for it: read only, at any free port.
PAGE = {"spark.ui.enabled": "true", "spark.ui.port": "0", "spark.ui.killEnabled": "false"}


def spark(release: Release | str | None = None, *, ui: bool = False) -> SparkSession:
    """Ouvre une SparkSession où chaque table de la version est une vue.

    Les réglages viennent de ``SPARK_CONF_DIR`` ; sans eux, Spark tourne dans la session même. ``ui`` : avec ses
    pages, où suivre les calculs ; leur adresse s'affiche, elles ne s'ouvrent qu'à vous. Lève
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
    memory = int(memory_limit() * SPARK_SHARE_OF_SESSION)
    settings = sized(configured(), memory=memory, threads=thread_limit()) | (PAGE if ui else {})
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    if ui:
        _tell_page(session)
    for name in chosen.tables:
        files = [str(path) for path in chosen.files(name)]
        # With its schema, Spark starts no job to find it.
        rows = session.read.schema(_schema(chosen, name)).parquet(*files)
        condition = chosen.condition(name)
        (rows.where(condition) if condition else rows).createOrReplaceTempView(name)
    return session


def _schema(release: Release, table: str) -> StructType:
    """Returns the columns of a table as Spark would read them from its files."""
    from pyarrow import parquet
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(parquet.read_schema(release.files(table)[0]))


def _tell_page(session: SparkSession) -> None:
    # A session that runs already keeps its settings.
    if (address := session.sparkContext.uiWebUrl) is None:
        raise OpenChronicError(
            "Spark runs already, without its web interface: stop it first (spark.stop())",
            "Spark tourne déjà, sans ses pages : arrêtez-le d'abord (spark.stop()), puis oc.spark(ui=True).",
        )
    show(announce("spark", urlsplit(address).port or 0) or address, "Suivre les calculs de Spark")
