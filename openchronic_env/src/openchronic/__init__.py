"""Open Chronic: care pathways of patients with a long-term condition, from SNDS files.

In a session::

    import openchronic as oc
    oc.release()                      # the release in use
    oc.release(sample=0.01)           # 1 % of its subjects, the same in every table
    con = oc.connect()                # DuckDB, one view per table
    oc.table("event")                 # a lazy DuckDB relation
    oc.pandas("patient")              # in memory; oc.arrow likewise
    oc.polars("event")                # lazy, as is oc.dask: one partition per bucket of subjects
    oc.source("ER_PRS_F", years=2021)  # a delivered table, for those who may read the restricted zone
    oc.trace(event_id)                # the delivered rows of an event, where the site key can be read
    oc.export_meds(folder)            # a MEDS dataset, where the operator allows it
    spark = oc.spark()                # a SparkSession, one view per table
    oc.describe("event")              # a table: columns, types, units, sources, meaning
    oc.describe("ER_PRS_F")           # a table of the SNDS likewise
"""

from __future__ import annotations

from importlib import metadata

from openchronic.api import (
    arrow,
    connect,
    dask,
    export_meds,
    pandas,
    polars,
    release,
    source,
    spark,
    table,
    trace,
)
from openchronic.dictionary import describe
from openchronic.errors import OpenChronicError
from openchronic.releases import Release

__all__ = [
    "OpenChronicError",
    "Release",
    "__version__",
    "arrow",
    "connect",
    "dask",
    "describe",
    "export_meds",
    "pandas",
    "polars",
    "release",
    "source",
    "spark",
    "table",
    "trace",
]

__version__ = metadata.version("openchronic")
