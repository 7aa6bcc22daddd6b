"""What an analyst calls: messages are in French."""

from __future__ import annotations

from openchronic.session.duck import connect, table
from openchronic.session.frames import arrow, dask, pandas, polars
from openchronic.session.pinning import release
from openchronic.session.sources import source
from openchronic.session.sparks import spark

__all__ = [
    "arrow",
    "connect",
    "dask",
    "pandas",
    "polars",
    "release",
    "source",
    "spark",
    "table",
]
