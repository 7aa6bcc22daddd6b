"""A peer of reading: pandas parses the same text files, into Parquet. Usage: parse_by_pandas.py SOURCE TARGET.

Types are those of our declarations, dates of the PMSI stay text; nothing is checked, no line is told from another.
"""

import json
import sys
from pathlib import Path

import pandas as pd

from openchronic.ingest.judging import judge
from tests.bench.declared_types import types_of

PANDAS = {"integer": "Int64", "decimal": "float64", "date": "str", "string": "str"}

source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir(parents=True)
rows = {}
for table, files in judge(source).reads().tables.items():
    types = types_of(table, files[0].path)
    rows[table] = 0
    for number, file in enumerate(files):
        frame = pd.read_csv(
            file.path,
            sep=";",
            dtype={name: PANDAS[kind] for name, kind in types.items()},
            encoding="latin-1",
        )
        for name in (name for name, kind in types.items() if kind == "date"):
            frame[name] = pd.to_datetime(frame[name], format="%d/%m/%Y")
        frame.to_parquet(target / f"{table}-{number}.parquet", compression="zstd")
        rows[table] += len(frame)
print(json.dumps(rows))
