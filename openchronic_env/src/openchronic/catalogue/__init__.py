"""The catalogue of SNDS tables: one entry per table (``tables/<TABLE>.toml``), read once."""

from __future__ import annotations

from openchronic.catalogue.claims import is_simplified
from openchronic.catalogue.needs import Needed, needs
from openchronic.catalogue.reading import load_products, load_tables
from openchronic.catalogue.table import (
    Column,
    ColumnType,
    Doubled,
    How,
    Joined,
    Level,
    Lines,
    Need,
    Period,
    Role,
    Table,
)

__all__ = [
    "Column",
    "ColumnType",
    "Doubled",
    "How",
    "Joined",
    "Level",
    "Lines",
    "Need",
    "Needed",
    "Period",
    "Role",
    "Table",
    "is_simplified",
    "load_products",
    "load_tables",
    "needs",
]
