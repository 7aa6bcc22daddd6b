"""Builds a release of invented data and prints results that both engines and every Python version must share."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openchronic as oc

QUERIES = {
    "event": "SELECT count(*), count(DISTINCT event_id), min(event_id), max(event_id), sum(order_in_day) FROM event",
    "patient": "SELECT count(*), sum(subject_id % 1000003) FROM patient",
    "ald": "SELECT count(*), sum(ald_number) FROM ald",
    "stay": "SELECT count(*) FROM stay",
}


def verb(*words: str) -> None:
    command = [sys.executable, "-m", "openchronic", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def plain(row: Sequence[Any]) -> list[str | int]:
    return [value if isinstance(value, str) else int(value) for value in row]


def summed(orders: Sequence[Any]) -> list[int]:
    return [len(orders), int(sum(orders))]


verb("synth", "source", "--patients", "300", "--seed", "7", "--years", "1")
verb("build", "source", "releases", "--quiet", "--buckets", "4")
os.environ["OPENCHRONIC_RELEASES"] = str(Path("releases").resolve())
con = oc.connect()
answers: dict[str, Any] = {
    "duckdb": {name: plain(con.sql(query).fetchall()[0]) for name, query in QUERIES.items()}
}
if os.environ["SPARK"] == "1":
    spark = oc.spark()
    answers["spark"] = {
        name: plain(spark.sql(query).collect()[0]) for name, query in QUERIES.items()
    }
    tenth = oc.release(sample=0.1)
    oc.spark(tenth)  # the Spark session is shared: its views are now those of the sample
    events = "SELECT count(*) FROM event"
    answers["sample"] = {
        "arrow": tenth.rows("event"),
        "duckdb": plain(oc.connect(tenth).sql(events).fetchall()[0])[0],
        "spark": plain(spark.sql(events).collect()[0])[0],
        "pandas": len(oc.pandas("event", tenth)),
        "polars": len(oc.polars("event", tenth).collect()),
        "dask": len(oc.dask("event", tenth)),
    }
    spark.stop()
    answers["frames"] = {
        "arrow": summed(oc.arrow("event", columns=["order_in_day"])["order_in_day"].to_pylist()),
        "pandas": summed(oc.pandas("event").order_in_day),
        "polars": summed(oc.polars("event").select("order_in_day").collect()["order_in_day"]),
        "dask": summed(oc.dask("event").order_in_day.compute()),
    }
    answers["partitions"] = [oc.dask("event").npartitions, len(oc.release().files("event"))]
print(json.dumps(answers))
