"""Where rows come from: a CSV or Parquet file, or a table of any library of a session."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from openchronic.errors import OpenChronicError
from openchronic.runtime.text import quoted

SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Source:
    """``name``: as errors name it. ``rows``: SQL that reads them all. ``number``: SQL, the number of each, from 1."""

    name: str
    rows: str
    number: str


def source_of(connection: duckdb.DuckDBPyConnection, given: Any, name: str) -> Source:
    """Returns the rows of ``given``: the path of a file, or a table of DuckDB, Arrow, pandas or Polars, then called
    ``name``. Raises OpenChronicError where it is none of these."""
    if isinstance(given, str | Path):
        return _file(Path(given))
    import pyarrow as pa

    try:
        if hasattr(given, "collect"):  # Polars reads nothing before
            given = given.collect()
        table = given.to_arrow_table() if hasattr(given, "to_arrow_table") else pa.table(given)
    except (TypeError, ValueError, pa.ArrowException):
        raise OpenChronicError(
            f"{name}: the path of a CSV or Parquet file, or a table (DuckDB, Arrow, pandas, Polars)",
            f"{name}\u00a0: le chemin d’un fichier CSV ou Parquet, ou un tableau (DuckDB, Arrow, pandas, Polars).",
        ) from None
    connection.register(f"source_{name}", table)
    return Source(name, f"source_{name}", "row_number() OVER ()")


def _file(file: Path) -> Source:
    if not file.is_file():
        raise OpenChronicError(
            f"{file}: there is no such file", f"{file}\u00a0: le fichier n’existe pas."
        )
    # DuckDB takes the name for a pattern: data[1].csv is data1.csv to it.
    name = quoted(glob.escape(str(file)))
    with file.open("rb") as read:
        if read.read(4) == b"PAR1":
            rows = f"read_parquet({name}, file_row_number = true)"
            return Source(str(file), rows, "file_row_number + 1")
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        header = lines.readline()
    separator = max(SEPARATORS, key=header.count)
    names = [one.strip().strip('"').lower() for one in header.split(separator)]
    if twice := next((one for one in names if names.count(one) > 1 and one), None):
        raise OpenChronicError(
            f"{file}: two columns are called {twice}",
            f"{file}\u00a0: deux colonnes s’appellent {twice}.",
        )
    # DuckDB has no struct without a name. A spreadsheet writes several columns that have none.
    columns = ", ".join(
        f"{quoted(name or f'unnamed {place}')}: 'VARCHAR'" for place, name in enumerate(names, 1)
    )
    rows = (
        f"read_csv({name}, auto_detect = false, header = true, delim = {quoted(separator)}, quote = '\"', "
        f"escape = '\"', nullstr = '', columns = {{{columns}}})"
    )
    return Source(str(file), rows, "row_number() OVER ()")
