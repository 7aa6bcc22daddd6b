"""Care pathways of made-up cohorts, beside the usual loop in plain Python and beside one sort; the same answers first."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from tests.bench.build import FOLDER, OPENCHRONIC
from tests.bench.measuring import seen
from tests.bench.process_tree import Watched, watch
from tests.bench.result import BenchError, Measure

GROUP = "pathways"
# Beyond it the loop takes gigabytes.
LARGEST = 100_000
LOOP = Path(__file__).with_name("pathways_by_loop.py")
SORT = (
    "import duckdb, sys; duckdb.connect(config={'threads': 2}).execute('CREATE TABLE one AS FROM read_parquet(?) "
    "ORDER BY subject_id, treatment, start_date, end_date', [sys.argv[1]])"
)
# Twenty purchases a subject of 30 days, of four treatments, in three years.
MADE = """
COPY (SELECT subject_id, chr(65 + CAST(hash(subject_id, n, 1) % 4 AS INTEGER)) AS treatment,
    DATE '2020-01-01' + CAST(hash(subject_id, n, 2) % 900 AS INTEGER) AS start_date, start_date + 29 AS end_date
    FROM range({subjects}) AS one(subject_id), range(20) AS purchase(n)) TO '{exposures}';
COPY (SELECT subject_id, DATE '2020-01-01' AS start_date, DATE '2022-12-31' AS end_date
    FROM range({subjects}) AS one(subject_id)) TO '{cohort}'
"""


def measures(sizes: Sequence[int]) -> Iterator[Measure]:
    """Seconds of the processor and memory, by size. BenchError: answers that differ."""
    smallest = f"{sizes[0]:,} subjects, pathways: each 1,000, CPU"
    for subjects in (size for size in sizes if size <= LARGEST):
        place = FOLDER / "pathways"
        place.mkdir(parents=True, exist_ok=True)
        files = exposures, cohort = place / "exposures.parquet", place / "cohort.parquet"
        duckdb.connect().execute(MADE.format(subjects=subjects, exposures=exposures, cohort=cohort))
        ours = watch([OPENCHRONIC, "pathways", *files, "--quiet", "--threads", "2"])
        python = OPENCHRONIC.with_name("python")
        by_loop = watch([python, LOOP, *files])
        if ours.said != by_loop.said:
            raise BenchError(f"{subjects:,} subjects: the loop in Python finds other pathways")
        title = f"{subjects:,} subjects, pathways"
        floor = f"{title}: one sort"
        yield from _told(floor, watch([python, "-c", SORT, exposures]))
        yield from _told(f"{title}: loop in Python", by_loop, floor)
        yield from _told(f"{title}: openchronic", ours, f"{title}: loop in Python")
        each = f"{title}: each 1,000, CPU"
        against = smallest if each != smallest else ""
        yield seen(GROUP, each, 1000 * ours.cpu_s / subjects, unit="s", against=against)


def _told(name: str, run: Watched, floor: str = "") -> Iterator[Measure]:
    yield seen(GROUP, f"{name}, CPU", run.cpu_s, unit="s", against=floor and f"{floor}, CPU")
    yield seen(GROUP, f"{name}, peak", run.peak_mb, unit="MB", against=floor and f"{floor}, peak")
