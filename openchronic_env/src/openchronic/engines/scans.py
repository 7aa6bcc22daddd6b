"""Scans of Parquet files by DuckDB."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from openchronic.runtime.text import quoted


def parquet(files: Iterable[Path], *, by_name: bool = False, file_as: str = "") -> str:
    """Returns SQL: the rows of some Parquet files; ``by_name``: their columns may be in different orders; ``file_as``: the
    column in which each row has the path of its file."""
    names = ", ".join(quoted(glob.escape(str(path))) for path in files)
    options = ", union_by_name = true" if by_name else ""
    options += f", filename = {quoted(file_as)}" if file_as else ""
    return f"read_parquet([{names}], hive_partitioning = false{options})"
