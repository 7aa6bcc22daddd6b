"""What the R package of the same name calls through reticulate: a connection, results as Arrow, errors in French."""

from __future__ import annotations

from openchronic.for_r.connection import Connection, Rows
from openchronic.for_r.french import told

__all__ = ["Connection", "Rows", "told"]
