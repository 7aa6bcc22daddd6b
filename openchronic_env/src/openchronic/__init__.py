"""Open Chronic: care pathways of patients with a long-term condition, from SNDS files.

In a session::

    import openchronic as oc
    oc.project()                      # on the server: the project of the session, and its folder
    oc.bases()                        # the bases of the session
    oc.release()                      # the release in use
    oc.release(sample=0.01)           # 1 % of its subjects, the same in every table
    con = oc.connect()                # DuckDB, one view per table
    oc.table("event")                 # a lazy DuckDB relation
    oc.pandas("patient")              # in memory; oc.arrow likewise
    oc.polars("event")                # lazy, as is oc.dask: one partition per bucket of subjects
    oc.dask_cluster()                 # Dask's workers, sized to the session
    oc.source("ER_PRS_F", years=2021)  # a delivered table, for those who may read the restricted zone
    oc.trace(event_id)                # the delivered rows of an event, where the site key can be read
    oc.export_meds(folder)            # a MEDS dataset, where the operator allows it
    c = oc.cohort("ma_cohorte.toml")  # subjects, index days, ends of follow-up; oc.cohort("heart_failure", on="onset")
    oc.onset("heart_failure").aged(40).without(oc.disease("dialysis"), (-730, -1))  # the same in Python: oc.cohort(that)
    c.flow, c.baseline(), c.match(pool), oc.compare(a, b), oc.save(c, "nom"), oc.load_cohort("nom")
    oc.exposures({"metformine": "A10BA02"})  # dispensings, taken for days of treatment
    oc.pathways(exposures, cohort)    # sequences of treatments, of a cohort or of any two tables
    oc.care(cohort)                   # who follows whom, and where a subject is each month
    oc.timeline(subject_id)           # one subject by time: individual data, for the session alone
    oc.torch_dataset("2021-01-01")    # PyTorch: sequences of events, as known on a day
    spark = oc.spark()                # a SparkSession, one view per table
    oc.codes("spirométrie")           # codes of the release by words of their labels, accents aside
    oc.describe("event")              # a table: columns, types, units, sources, meaning
    oc.describe("ER_PRS_F")           # a table of the SNDS likewise
"""

from __future__ import annotations

from importlib import metadata

from openchronic.api import (
    arrow,
    bases,
    care,
    codes,
    cohort,
    compare,
    connect,
    dask,
    dask_cluster,
    disease,
    events,
    everyone,
    export_meds,
    exposures,
    hospital_nights,
    load_cohort,
    onset,
    pandas,
    pathways,
    polars,
    project,
    release,
    save,
    source,
    spark,
    stays,
    table,
    timeline,
    torch_dataset,
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
    "bases",
    "care",
    "codes",
    "cohort",
    "compare",
    "connect",
    "dask",
    "dask_cluster",
    "describe",
    "disease",
    "events",
    "everyone",
    "export_meds",
    "exposures",
    "hospital_nights",
    "load_cohort",
    "onset",
    "pandas",
    "pathways",
    "polars",
    "project",
    "release",
    "save",
    "source",
    "spark",
    "stays",
    "table",
    "timeline",
    "torch_dataset",
    "trace",
]

__version__ = metadata.version("openchronic")
