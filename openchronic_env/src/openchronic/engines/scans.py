"""Scans of Parquet files by DuckDB."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from openchronic.runtime.text import quoted


def parquet(files: Iterable[Path], *, by_name: bool = False) -> str:
    """Returns SQL: the rows of some Parquet files; ``by_name``: their columns may be in different orders."""
    names = ", ".join(quoted(glob.escape(str(path))) for path in files)
    options = ", union_by_name = true" if by_name else ""
    return f"read_parquet([{names}], hive_partitioning = false{options})"
