"""The functions that analysts call; their errors are in French."""

from __future__ import annotations

from openchronic.api.duck import connect, table
from openchronic.api.exporting import export_meds
from openchronic.api.frames import arrow, dask, pandas, polars
from openchronic.api.pinning import release
from openchronic.api.sources import source
from openchronic.api.sparks import spark
from openchronic.api.tracing import trace

__all__ = [
    "arrow",
    "connect",
    "dask",
    "export_meds",
    "pandas",
    "polars",
    "release",
    "source",
    "spark",
    "table",
    "trace",
]
