"""The peer of reading: DuckDB parses the same text files by itself, into Parquet. Usage: parse_by_duckdb.py SOURCE TARGET.

Types are those of our declarations, dates of the PMSI stay text; nothing is checked, no line is told from another.
"""

import json
import sys
from pathlib import Path

import duckdb

from openchronic.ingest.judging import judge
from openchronic.ingest.line_query import TYPES
from tests.bench.declared_types import types_of

source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir(parents=True)
connection = duckdb.connect(config={"preserve_insertion_order": False})
rows = {}
for table, files in judge(source).reads().tables.items():
    scanned = connection.read_csv(
        [str(file.path) for file in files],  # which takes lists too
        delimiter=";",
        header=True,
        columns={name: TYPES[kind] for name, kind in types_of(table, files[0].path).items()},
        date_format="%d/%m/%Y",
        decimal=".",
    )
    written = str(target / f"{table}.parquet")
    scanned.write_parquet(written, compression="zstd")
    count = connection.execute("SELECT count(*) FROM read_parquet(?)", [written]).fetchall()
    rows[table] = count[0][0]
print(json.dumps(rows))
