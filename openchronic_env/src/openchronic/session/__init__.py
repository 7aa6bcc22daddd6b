"""What an analyst calls: messages are in French."""

from __future__ import annotations

from openchronic.session.duck import connect, table
from openchronic.session.exporting import export_meds
from openchronic.session.frames import arrow, dask, pandas, polars
from openchronic.session.pinning import release
from openchronic.session.sources import source
from openchronic.session.sparks import spark
from openchronic.session.tracing import trace

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
