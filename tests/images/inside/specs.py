"""Prints, as JSON, the specs of functions that Spark answers differently, and the SQL texts that it cannot parse."""

import json
from importlib import resources
from pathlib import Path

from pyspark.sql import SparkSession

from openchronic.engines.specs import SPARK, functions, load_specs, query, spec_files

spark = SparkSession.builder.getOrCreate()
for statement in functions(SPARK):
    spark.sql(statement)
specs = [spec for name in spec_files() for spec in load_specs(name)]
# The query has the project's own texts only.
asked = " UNION ALL ".join(
    f"SELECT {place} AS place, line, answer FROM ({query(spec)})"  # noqa: S608
    for place, spec in enumerate(specs)
)
answers: dict[int, dict[int, str | None]] = {place: {} for place in range(len(specs))}
for row in spark.sql(asked).collect():
    answers[row.place][row.line] = row.answer
parser = spark._jsparkSession.sessionState().sqlParser()
unread = {}
for text in sorted(Path(str(resources.files("openchronic"))).glob("sql/**/*.sql")):
    if not text.stem.endswith("_functions"):
        try:
            parser.parsePlan(text.read_text())
        except Exception as problem:  # noqa: BLE001
            unread[text.name] = str(problem)[:300]
spark.stop()
found = {
    spec.title: [told for _, told in sorted(answers[place].items())]
    for place, spec in enumerate(specs)
}
others = [
    title for title, spec in zip(found, specs, strict=True) if found[title] != [*spec.expected]
]
print(
    json.dumps(
        {"specs": len(specs), "unread": unread, "others": {title: found[title] for title in others}}
    )
)
