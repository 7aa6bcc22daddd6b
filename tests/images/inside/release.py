"""Synthetic files, a release, and answers that both engines and every Python must give alike."""

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


verb("synth", "source", "--patients", "300", "--seed", "7", "--years", "2")
verb("build", "source", "releases", "--quiet")
os.environ["OPENCHRONIC_RELEASES"] = str(Path("releases").resolve())
con = oc.connect()
answers = {"duckdb": {name: plain(con.sql(query).fetchall()[0]) for name, query in QUERIES.items()}}
if os.environ["SPARK"] == "1":
    spark = oc.spark()
    answers["spark"] = {
        name: plain(spark.sql(query).collect()[0]) for name, query in QUERIES.items()
    }
    spark.stop()
print(json.dumps(answers))
