"""The logical schema of the SNDS tables, and the code lists in use: data, read once."""

from __future__ import annotations

from openchronic.schema.nomenclatures import load_nomenclature
from openchronic.schema.tables import Column, ColumnType, Period, Table, load_tables
from openchronic.schema.values import load_values

__all__ = [
    "Column",
    "ColumnType",
    "Period",
    "Table",
    "load_nomenclature",
    "load_tables",
    "load_values",
]
