"""Spark plans the lines of claims and the events of a build over tables too large to broadcast; prints, as JSON, the keys by
which rows of each table are dealt, what is broadcast, and how often each delivered table is read."""

import json
import re
import tempfile

from openchronic.build.typed import type_of
from openchronic.catalogue import load_tables
from openchronic.engines.sparks import begin
from openchronic.engines.specs import SPARK, functions
from openchronic.models.delivery import every_table
from openchronic.models.graph import graph_of
from openchronic.models.query import query_of

ROWS = 20_000
VALUES = {"DATE": "DATE '2020-01-01'", "BOOLEAN": "id % 2 = 0"}
# What joins add to the delivered columns (``keys.alone``), and the tables of people, as claims read them.
ADDED = {
    "ER_PRS_F": {"is_of_several": "BOOLEAN", "key_place": "INT", "acts": "BIGINT"},
    "ER_ETE_F": {},
    "ER_PHA_F": {},
}
PEOPLE = {
    "known_pair": {
        "BEN_NIR_PSA": "STRING",
        "BEN_RNG_GEM": "BIGINT",
        "natural_id": "STRING",
        "nir_kind": "STRING",
        "is_left_out": "BOOLEAN",
    },
    "subject": {"natural_id": "STRING", "subject_id": "BIGINT"},
}
SMALL = {
    "fictive_nir": "'00' AS code",
    "outpatient_year": "'drug' AS event_type, 2020L AS care_year, 12L AS last_month",
}

session = begin([], memory=1 << 30, threads=2)
for name, value in {
    # As they are written, before the engine knows sizes.
    "spark.sql.adaptive.enabled": "false",
    # Nomenclatures are broadcast, and tables of persons and claims are not.
    "spark.sql.autoBroadcastJoinThreshold": "20KB",
    "spark.sql.shuffle.partitions": "4",
}.items():
    session.conf.set(name, value)
for statement in functions(SPARK):
    session.sql(statement)
place = tempfile.mkdtemp()


def show(name: str, columns: dict[str, str], *, rows: int = ROWS) -> None:
    made = ", ".join(
        f"CAST({VALUES.get(kind, 'id')} AS {kind}) AS {column}" for column, kind in columns.items()
    )
    session.sql(f"SELECT {made} FROM range({rows})").write.parquet(f"{place}/{name}")  # noqa: S608
    session.read.parquet(f"{place}/{name}").createOrReplaceTempView(name)


def told(name: str) -> dict[str, list[str]]:
    plan = session.table(name)._jdf.queryExecution().executedPlan().toString()
    lines = [line for line in plan.splitlines() if "ReusedExchange" not in line]
    return {
        "dealt": sorted(
            ", ".join(re.findall(r"(\w+)#", line.partition("hashpartitioning")[2]))
            for line in lines
            if re.search(r"(?<!Broadcast)Exchange hashpartitioning", line)
        ),
        "broadcast": [str(sum("BroadcastExchange" in line for line in lines))],
        "read": sorted(
            found[1] for line in lines if (found := re.search(rf"FileScan.*{place}/(\w+)", line))
        ),
    }


graph = graph_of(every_table())
for table, added in ADDED.items():
    columns = {column.name: type_of(column) for column in load_tables()[table].columns}
    show(table.lower(), {**columns, "file_year": "INT", **added})
for table, columns in PEOPLE.items():
    show(table, columns)
for table, row in SMALL.items():
    session.sql(f"SELECT {row}").createOrReplaceTempView(table)
answers = {}
for name in ("claim", "drug_line", "claim_event"):
    session.sql(query_of(graph.model(name), judge="CAST(NULL AS STRING)")).createOrReplaceTempView(
        name
    )
    answers[name] = told(name)
    # As a build does: what several texts read is written.
    written = f"{place}/{'claim_line' if name == 'drug_line' else name}"
    session.table(name).write.parquet(written)
    session.read.parquet(written).createOrReplaceTempView(written.rpartition("/")[2])
print(json.dumps(answers))
