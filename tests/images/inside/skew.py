"""Spark writes a table in which one subject has half of the rows; prints the rows of each file as JSON."""

import json
import tempfile
from itertools import pairwise
from pathlib import Path

import duckdb
from pyarrow import parquet

from openchronic.engines.spark import Spark
from openchronic.engines.sparks import begin

place = Path(tempfile.mkdtemp())
session = begin([], memory=1 << 30, threads=2)
# Spark would merge partitions as small as these, and the test counts them.
session.conf.set("spark.sql.adaptive.coalescePartitions.enabled", "false")
session.conf.set("spark.sql.shuffle.partitions", "32")
engine = Spark(session, place / "tables")
engine.table(
    "skewed",
    "SELECT CASE WHEN id % 2 = 0 THEN 4 ELSE id END AS subject_id, "
    "date_add(DATE '2020-01-01', CAST(id % 1000 AS INT)) AS start_date, CAST(id AS STRING) AS event_id "
    "FROM range(300000)",
)
order = ("subject_id", "start_date", "event_id")
engine.write("SELECT * FROM skewed", place / "event", order, range(4))
engine.write("SELECT * FROM skewed WHERE subject_id < 0", place / "nothing", order, range(4))
session.stop()
with duckdb.connect() as connection:
    files = connection.execute(
        f"SELECT filename, count(*) FILTER (WHERE subject_id = 4), min((subject_id, start_date, event_id)), "  # noqa: S608
        "max((subject_id, start_date, event_id)) FROM read_parquet("
        f"'{place}/event/bucket=00/*.parquet', filename = true) GROUP BY filename ORDER BY filename"
    ).fetchall()
    ((rows,),) = connection.execute(
        f"SELECT count(*) FROM '{place}/event/*/*.parquet'"  # noqa: S608
    ).fetchall()
(empty,) = (place / "nothing").rglob("*.parquet")
ends = [(str(first), str(last)) for _, _, first, last in files]
print(
    json.dumps(
        {
            "rows": rows,
            "of_one": [number for _, number, *_ in files if number],
            "columns_of_nothing": parquet.read_schema(empty).names,
            "in_order": all(a[1] < b[0] for a, b in pairwise(ends)),
        }
    )
)
