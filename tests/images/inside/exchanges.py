"""Spark plans the chain of pathways over exposures and periods that are dealt by subject; prints, as JSON, each table's shuffles."""

import json
import tempfile

from openchronic.engines.sparks import begin
from openchronic.engines.specs import SPARK, functions
from openchronic.models.pathways import ADHERENCE, HELD_NAME, SETTING, STEPS, paths
from openchronic.models.query import query_of
from openchronic.pathway.parameters import parameters_of

SUBJECTS = 20_000
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
for given, rows in (
    (SETTING, parameters.rows()),
    (HELD_NAME, [("pathway", bit, str(bit)) for bit in (1, 2, 3)]),
):
    schema = ", ".join(f"{name} {kind}" for name, kind in given.columns.items())
    session.createDataFrame(rows, schema).coalesce(1).write.parquet(f"{place}/{given.name}")
    session.read.parquet(f"{place}/{given.name}").createOrReplaceTempView(given.name)
session.sql(
    f"""SELECT 'pathway' AS pathway, id AS subject_id, 1L AS period_no, DATE '2020-01-01' AS start_date,
        DATE '2020-12-31' AS end_date FROM range({SUBJECTS})"""
).write.parquet(f"{place}/target")
session.sql(
    f"""SELECT 'pathway' AS pathway, id % {SUBJECTS} AS subject_id, id AS exposure_id, 1 + id % 2 AS treatment_bit,
        date_add(DATE '2020-01-01', CAST(id % 300 AS INT)) AS start_date,
        date_add(DATE '2020-01-01', CAST(id % 300 + 29 AS INT)) AS end_date FROM range({4 * SUBJECTS})"""
).write.parquet(f"{place}/exposure")
for name in ("target", "exposure"):
    dealt = session.read.parquet(f"{place}/{name}").repartition(4, "subject_id")
    dealt.createOrReplaceTempView(name)
told = {}
for model in (*STEPS, paths(parameters.max_steps)[0], *ADHERENCE):
    session.sql(query_of(model, judge="")).createOrReplaceTempView(model.name)
    frame = session.table(model.name)
    plan = frame._jdf.queryExecution().executedPlan().toString()
    shuffles = [line.strip() for line in plan.splitlines() if "Exchange " in line]
    told[model.name] = [line for line in shuffles if "BroadcastExchange" not in line]
print(json.dumps(told))
