"""Spark plans the steps of pathways over exposures and periods that are dealt by subject; prints, as JSON, the keys by which
rows of each table are dealt again."""

import json
import re
import tempfile

from openchronic.engines.sparks import begin
from openchronic.engines.specs import SPARK, functions
from openchronic.models.pathways import SETTING, STEPS
from openchronic.models.query import query_of
from openchronic.pathway.parameters import parameters_of

session = begin([], memory=1 << 30, threads=2)
for name, value in {
    # As they are written, before the engine knows sizes.
    "spark.sql.adaptive.enabled": "false",
    # Settings are broadcast, and tables of subjects are not.
    "spark.sql.autoBroadcastJoinThreshold": "20KB",
    # Rows that are dealt by subject are together for every longer key.
    "spark.sql.requireAllClusterKeysForCoPartition": "false",
    "spark.sql.shuffle.partitions": "4",
}.items():
    session.conf.set(name, value)
for statement in functions(SPARK):
    session.sql(statement)
place = tempfile.mkdtemp()
parameters = parameters_of()
schema = ", ".join(f"{name} {kind}" for name, kind in SETTING.columns.items())
session.createDataFrame(parameters.rows(), schema).coalesce(1).write.parquet(f"{place}/setting")
session.read.parquet(f"{place}/setting").createOrReplaceTempView(SETTING.name)
session.sql(
    "SELECT 'pathway' AS pathway, id AS subject_id, 1L AS period_no, DATE '2020-01-01' AS start_date, "
    "DATE '2020-12-31' AS end_date FROM range(20000)"
).write.parquet(f"{place}/target")
session.sql(
    "SELECT 'pathway' AS pathway, id % 20000 AS subject_id, id AS exposure_id, 1 + id % 2 AS treatment_bit, "
    "date_add(DATE '2020-01-01', CAST(id % 300 AS INT)) AS start_date, "
    "date_add(DATE '2020-01-01', CAST(id % 300 + 29 AS INT)) AS end_date FROM range(80000)"
).write.parquet(f"{place}/exposure")
for name in ("target", "exposure"):
    dealt = session.read.parquet(f"{place}/{name}").repartition(4, "subject_id")
    dealt.createOrReplaceTempView(name)
told = {}
for model in STEPS:
    session.sql(query_of(model, judge="")).createOrReplaceTempView(model.name)
    plan = session.table(model.name)._jdf.queryExecution().executedPlan().toString()
    # A shuffle that was asked for is the first one; one that is used again is none.
    again = (
        line
        for line in plan.splitlines()
        if re.search(r"(?<!Broadcast)Exchange ", line)
        and "REPARTITION_BY_NUM" not in line
        and "ReusedExchange" not in line
    )
    told[model.name] = [
        ", ".join(re.findall(r"(\w+)#", line.partition("Exchange ")[2])) for line in again
    ]
print(json.dumps(told))
