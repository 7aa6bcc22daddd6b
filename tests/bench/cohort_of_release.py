"""A cohort of all who ever had diabetes, and its baseline table, in a session. Usage: cohort_of_release.py RELEASE.

Prints as JSON the seconds of the clock and of the processor of the quickest of a few, on a connection that the session has
already, the threads that it has, and the number of periods.
"""

import json
import sys
import time
from pathlib import Path

import openchronic as oc
from openchronic.releases import open_release

TIMES = 3
release = open_release(Path(sys.argv[1]).resolve())
threads = oc.connect(release).sql("SELECT current_setting('threads')").fetchall()[0][0]
taken, periods = [], 0
for _ in range(TIMES):
    began, used = time.perf_counter(), time.process_time()
    cohort = oc.cohort(
        "diabetes", release, on="onset", follow="death or end_of_observation or 730 days"
    )
    periods, shown = cohort.n_periods, repr(cohort.baseline())
    taken.append((time.perf_counter() - began, time.process_time() - used))
seconds, cpu_s = min(taken)
told = {"seconds": seconds, "cpu_s": cpu_s, "threads": int(threads), "periods": periods}
print(json.dumps(told))
