"""Care pathways of made-up cohorts, beside Polars, a loop in plain Python and one sort, the same answers first; and what
definitions of diseases and pathways add to a build."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from tests.bench import bases, peers
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
# Of the build that definitions and pathways are set against: enough years for what definitions look back at.
PATIENTS, YEARS = 3_000, 3
DEFINED = ("disease definitions", "diseases", "pathways")
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
        each = _each(f"{title}: each 1,000, CPU", 1000 * ours.cpu_s / subjects, smallest)
        smallest = smallest or each
        yield each
    yield from _beside_a_build()


def _each(name: str, seconds: float, smallest: Measure | None) -> Measure:
    if smallest is None:
        return seen(GROUP, name, seconds, unit="s")
    failed = seconds > GROWTH * smallest.median
    return seen(GROUP, name, seconds, unit="s", against=smallest.name, failed=failed)


def _beside_a_build() -> Iterator[Measure]:
    """What definitions of diseases and pathways take, each against all that a build does before them."""
    source = bases.delivery(PATIENTS, "parquet", years=YEARS)
    releases = FOLDER / "releases"
    shutil.rmtree(releases, ignore_errors=True)
    try:
        built = watch([PYTHON, HERE / "stages_of_build.py", source, releases, *bases.LIMITS])
        stages = _last(built)
        made = _last(
            watch([PYTHON, HERE / "pathways_of_release.py", releases / "snds" / "current"])
        )
    finally:
        shutil.rmtree(releases, ignore_errors=True)
    defined = sum(stages[name] for name in DEFINED)
    title = f"{PATIENTS:,} patients, {YEARS} years"
    before = f"{title}: the build without definitions, CPU"
    yield seen(GROUP, before, sum(stages.values()) - defined, unit="s")
    yield seen(GROUP, f"{title}: definitions, CPU", defined, unit="s", against=before)
    name = f"{title}: pathways of {made['periods']:,.0f} periods, CPU"
    yield seen(GROUP, name, made["cpu_s"], unit="s", against=before)
    both = f"{title}: definitions and pathways, CPU"
    yield seen(GROUP, both, defined + made["cpu_s"], unit="s", against=before)


def _last(run: Watched) -> dict[str, float]:
    """What a script of ours said last."""
    found: dict[str, float] = json.loads(run.said.splitlines()[-1])
    return found


def _told(name: str, run: Watched, floor: str = "") -> Iterator[Measure]:
    yield seen(GROUP, f"{name}, CPU", run.cpu_s, unit="s", against=floor and f"{floor}, CPU")
    yield seen(GROUP, f"{name}, peak", run.peak_mb, unit="MB", against=floor and f"{floor}, peak")
