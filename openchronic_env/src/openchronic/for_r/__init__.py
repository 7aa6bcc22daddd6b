"""What the R package of the same name calls through reticulate: a connection, results as Arrow, errors in French."""

from __future__ import annotations

from openchronic.for_r.connection import Connection, Rows
from openchronic.for_r.french import told
from openchronic.for_r.relations import head_of, rows_of, table_at

__all__ = ["Connection", "Rows", "head_of", "rows_of", "table_at", "told"]
