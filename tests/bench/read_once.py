"""The floor of a build: DuckDB reads, once, the columns that a build needs. Usage: read_once.py SOURCE."""

import sys
from pathlib import Path

import duckdb

from openchronic.catalogue import load_tables
from openchronic.ingest.judging import judge

connection = duckdb.connect(config={"preserve_insertion_order": False})
for table, files in judge(Path(sys.argv[1])).reads().tables.items():
    known = {column.name for column in load_tables()[table].columns}
    for file in files:
        with file.path.open(encoding="latin-1") as text:
            header = text.readline().rstrip("\r\n").split(";")
        needed = ", ".join(f'max("{name}")' for name in header if name in known)
        lines = connection.execute(
            f"SELECT count(*), {needed} FROM "  # noqa: S608
            "read_csv(?, delim = ';', header = true, all_varchar = true, quote = '')",
            [str(file.path)],
        ).fetchall()
        print(file.name, lines[0][0])
