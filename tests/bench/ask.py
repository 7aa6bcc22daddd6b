"""Runs as an analyst's first cells: asks the base in service. Usage: ask.py, with OPENCHRONIC_RELEASES set.

Prints, as JSON, seconds and those of the processor by question, and the same of the files asked by hand: equal answers.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

taken: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)


@contextmanager
def timed(name: str) -> Iterator[None]:
    began, began_cpu = time.perf_counter(), time.process_time()
    yield
    taken[name].append((time.perf_counter() - began, time.process_time() - began_cpu))


with timed("import"):
    import openchronic as oc
with timed("first answer"):
    connection = oc.connect()
    by_type = connection.sql("SELECT event_type, count(*) FROM event GROUP BY ALL").fetchall()

import duckdb  # noqa: E402 - the session's own import of it is part of what is timed

SUBJECTS, TRIES = 20, 5
HISTORY = "SELECT * FROM {} WHERE subject_id = {} ORDER BY start_date, order_in_day"
COUNT = (
    "SELECT year(start_date), event_type, residence_department, count(*) FROM {} "
    "JOIN {} USING (subject_id) GROUP BY ALL ORDER BY ALL"
)
release = oc.release().path
by_hand = duckdb.connect()


def files(name: str) -> str:
    return f"read_parquet('{release}/{name}/*.parquet', hive_partitioning = false)"


buckets = len(list((release / "event").glob("bucket=*")))
# As `oc.timeline` reads.
opened = oc.release().files
# Some of each length of history, the same from one run to the next.
chosen = by_hand.sql(
    f"SELECT subject_id FROM {files('patient')} ORDER BY hash(subject_id) LIMIT {SUBJECTS}"  # noqa: S608
).fetchall()
for (subject,) in chosen:
    with timed("one history"):
        ours = connection.sql(HISTORY.format("event", subject)).fetchall()
    with timed("one history by hand"):
        theirs = by_hand.sql(HISTORY.format(files("event/*"), subject)).fetchall()
    with timed("own bucket"):
        own = f"read_parquet({[str(file) for file in opened('event', subject=subject)]}, hive_partitioning = false)"
        again = connection.sql(HISTORY.format(own, subject)).fetchall()
    with timed("own bucket by hand"):
        own = files(f"event/bucket={subject % buckets:02}")
        alike = by_hand.sql(HISTORY.format(own, subject)).fetchall()
    assert ours == theirs == again == alike, "not the same history"
for _ in range(TRIES):
    with timed("count"):
        ours = connection.sql(COUNT.format("event", "patient")).fetchall()
    with timed("count by hand"):
        theirs = by_hand.sql(COUNT.format(files("event/*"), files("patient"))).fetchall()
    assert ours == theirs, "not the same counts"
print(json.dumps({"rows": sum(number for _, number in by_type), "taken": taken}))
