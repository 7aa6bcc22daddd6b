"""The functions that analysts call; their errors are in French."""

from __future__ import annotations

from openchronic.api.clusters import dask_cluster
from openchronic.api.codes import codes
from openchronic.api.cohorts import (
    cohort,
    compare,
    disease,
    events,
    everyone,
    load_cohort,
    onset,
    save,
    stays,
)
from openchronic.api.contacts import care
from openchronic.api.duck import connect, table
from openchronic.api.exporting import export_meds
from openchronic.api.frames import arrow, dask, pandas, polars
from openchronic.api.pinning import release
from openchronic.api.session import bases, project
from openchronic.api.sources import source
from openchronic.api.sparks import spark
from openchronic.api.timelines import timeline
from openchronic.api.torches import torch_dataset
from openchronic.api.tracing import trace
from openchronic.api.treatments import exposures, hospital_nights, pathways

__all__ = [
    "arrow",
    "bases",
    "care",
    "codes",
    "cohort",
    "compare",
    "connect",
    "dask",
    "dask_cluster",
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
