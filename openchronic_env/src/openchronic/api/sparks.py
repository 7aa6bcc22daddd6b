"""Opens Spark on a release: one temporary view per table, memory sized to the session; in it, or on executors."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openchronic import extras
from openchronic.api.pages import announce, show
from openchronic.api.pinning import pinned
from openchronic.engines.spark_executors import executor_settings
from openchronic.engines.spark_settings import configured, prepare_environment, sized
from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.runtime.broker import broker_for
from openchronic.runtime.limits import memory_limit, thread_limit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

# Of the session's memory, for Spark's driver: Java needs more beside its heap, and Python the rest.
SPARK_SHARE_OF_SESSION = 0.5
# Its web interface, where its user asks for it: read only, at any free port.
PAGE = {"spark.ui.enabled": "true", "spark.ui.port": "0", "spark.ui.killEnabled": "false"}


def spark(
    release: Release | str | None = None, *, ui: bool = False, executors: int | None = None
) -> SparkSession:
    """Ouvre une SparkSession où chaque table de la version est une vue.

    Les réglages viennent de ``SPARK_CONF_DIR`` ; sans eux, Spark tourne dans la session même. ``ui`` : avec ses
    pages, où suivre les calculs ; leur adresse s'affiche, elles ne s'ouvrent qu'à vous. ``executors`` : sur une
    plateforme qui en a (un cluster), les calculs se font dans ce nombre d'exécuteurs au plus, chacun de la taille de
    la session ; ils viennent quand un calcul en a besoin et partent avec Spark ou avec la session. Ils ne voient pas
    votre dossier personnel : lisez et écrivez dans le dossier commun. Lève ``OpenChronicError`` si PySpark ou Java
    manque, ou si la version n'existe pas.
    """
    broker = None if executors is None else broker_for(executors, "exécuteurs")
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
    if broker is not None:
        _refuse_one_in_the_session(SparkSession.getActiveSession())
        settings |= executor_settings(
            executors=executors or 1,
            memory=memory_limit(),
            threads=thread_limit(),
            broker=broker.url,
            namespace=broker.namespace,
            token=broker.token,
            address=broker.address,
        )
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


def _refuse_one_in_the_session(running: SparkSession | None) -> None:
    # A session that runs already keeps its settings.
    if running is not None and not running.sparkContext.master.startswith("k8s://"):
        raise OpenChronicError(
            "Spark runs already, without executors: stop it first (spark.stop())",
            "Spark tourne déjà, sans exécuteurs : arrêtez-le d'abord (spark.stop()), puis oc.spark(executors=…).",
        )


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
