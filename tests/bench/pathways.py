"""Care pathways of made-up cohorts, beside Polars, a loop in plain Python and one sort, the same answers first."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from tests.bench import peers
from tests.bench.build import FOLDER, OPENCHRONIC
from tests.bench.measuring import seen
from tests.bench.process_tree import Watched, watch
from tests.bench.result import BenchError, Measure

GROUP = "pathways"
# Beyond it the loop takes gigabytes.
LARGEST = 100_000
HERE = Path(__file__).parent
PYTHON = OPENCHRONIC.with_name("python")
LOOP, POLARS = HERE / "pathways_by_loop.py", HERE / "pathways_by_polars.py"
THREADS = "2"
# Of one subject, as often as of one among ten times fewer.
GROWTH = 1.3
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
    smallest: Measure | None = None
    for subjects in (size for size in sizes if size <= LARGEST):
        place = FOLDER / "pathways"
        place.mkdir(parents=True, exist_ok=True)
        files = exposures, cohort = place / "exposures.parquet", place / "cohort.parquet"
        duckdb.connect().execute(MADE.format(subjects=subjects, exposures=exposures, cohort=cohort))
        ours = watch([OPENCHRONIC, "pathways", *files, "--quiet", "--threads", THREADS])
        alike = peers.environment() | {"POLARS_MAX_THREADS": THREADS}
        by_polars = watch([PYTHON, POLARS, *files], env=alike)
        by_loop = watch([PYTHON, LOOP, *files])
        for name, peer in (("Polars", by_polars), ("the loop in Python", by_loop)):
            if ours.said != peer.said:
                raise BenchError(f"{subjects:,} subjects: {name} finds other pathways")
        title = f"{subjects:,} subjects, pathways"
        floor = f"{title}: one sort"
        yield from _told(floor, watch([PYTHON, "-c", SORT, exposures]))
        yield from _told(f"{title}: Polars", by_polars, floor)
        yield from _told(f"{title}: openchronic", ours, f"{title}: Polars")
        # How many times what we take.
        yield from _told(f"{title}: loop in Python", by_loop, f"{title}: openchronic")
        each = each_1000(title, ours.cpu_s, subjects, smallest)
        smallest = smallest or each
        yield each


def each_1000(title: str, seconds: float, subjects: int, smallest: Measure | None) -> Measure:
    """Of a thousand subjects; it failed where it is more than that of the smallest size by more than ``GROWTH``."""
    name, each = f"{title}: each 1,000, CPU", 1000 * seconds / subjects
    if smallest is None:
        return seen(GROUP, name, each, unit="s")
    failed = each > GROWTH * smallest.median
    return seen(GROUP, name, each, unit="s", against=smallest.name, failed=failed)


def _told(name: str, run: Watched, floor: str = "") -> Iterator[Measure]:
    yield seen(GROUP, f"{name}, CPU", run.cpu_s, unit="s", against=floor and f"{floor}, CPU")
    yield seen(GROUP, f"{name}, peak", run.peak_mb, unit="MB", against=floor and f"{floor}, peak")
