"""The peer of reading: DuckDB parses the same text files by itself, into Parquet. Usage: parse_once.py SOURCE TARGET.

Types are those of our declarations, dates as the files write them; nothing is checked, no line is told from another.
"""

import json
import sys
from pathlib import Path

import duckdb

from openchronic.delivery.finding import find
from openchronic.delivery.reading import TYPES
from openchronic.schema import load_tables

source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir(parents=True)
connection = duckdb.connect(config={"preserve_insertion_order": False})
rows = {}
for table, files in find(source).tables.items():
    with files[0].path.open(encoding="latin-1") as text:
        header = text.readline().rstrip("\r\n").split(";")
    known = {
        column.name: TYPES[column.type]
        for column in load_tables()[table].columns
        # Dates of the PMSI are in several formats of one file: text, for a parser of one format.
        if column.type != "date" or not table.startswith("T_")
    }
    types = {name: known.get(name, "VARCHAR") for name in header}
    scanned = connection.read_csv(
        [str(file.path) for file in files],  # type: ignore[arg-type]  # which takes lists too
        delimiter=";",
        header=True,
        columns=types,
        date_format="%d/%m/%Y",
        decimal=".",
    )
    scanned.write_parquet(str(target / f"{table}.parquet"), compression="zstd")
    count = connection.execute(
        "SELECT count(*) FROM read_parquet(?)", [str(target / f"{table}.parquet")]
    ).fetchall()
    rows[table] = count[0][0]
print(json.dumps(rows))
