"""A peer of reading: Polars parses the same text files, into Parquet. Usage: parse_by_polars.py SOURCE TARGET.

Types are those of our declarations, dates of the PMSI stay text; nothing is checked, no line is told from another.
"""

import json
import sys
from pathlib import Path

import polars as pl

from openchronic.ingest.judging import judge
from tests.bench.declared_types import types_of

POLARS = {
    "integer": pl.Int64(),
    "decimal": pl.Float64(),
    "date": pl.String(),
    "string": pl.String(),
}

source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir(parents=True)
rows = {}
for table, files in judge(source).reads().tables.items():
    types = types_of(table, files[0].path)
    scanned = pl.scan_csv(
        [file.path for file in files],
        separator=";",
        schema={name: POLARS[kind] for name, kind in types.items()},
        encoding="utf8-lossy",
        quote_char=None,
    )
    dates = [name for name, kind in types.items() if kind == "date"]
    written = target / f"{table}.parquet"
    scanned.with_columns(pl.col(dates).str.to_date("%d/%m/%Y")).sink_parquet(written)
    rows[table] = pl.scan_parquet(written).select(pl.len()).collect().item()
print(json.dumps(rows))
