"""The first answer of a fresh process that reads a release without the package. Usage: first_answer.py PEER RELEASE.

PEER: duckdb, or polars (see peers.py). Prints, as JSON, seconds and those of the processor to load the library and to answer, and
the number of events.
"""

import importlib
import json
import sys
import time

peer, release = sys.argv[1:]
FILES = f"{release}/event/*/*.parquet"
QUESTION = (
    f"SELECT count(*) FROM read_parquet('{FILES}', hive_partitioning = false) GROUP BY event_type"  # noqa: S608
)


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


began = now()
library = importlib.import_module(peer)
loaded = now()
if peer == "duckdb":
    numbers = [number for (number,) in library.connect().sql(QUESTION).fetchall()]
else:
    found = library.scan_parquet(FILES, hive_partitioning=False).group_by("event_type").len()
    numbers = found.collect()["len"].to_list()
answered = now()
taken = {
    name: [[after - before for before, after in zip(since, until, strict=True)]]
    for name, since, until in (("import", began, loaded), ("first answer", loaded, answered))
}
print(json.dumps({"rows": sum(numbers), "taken": taken}))
