"""What definitions of diseases and care pathways add to a build, and how long a cohort of what it published takes."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence

from tests.bench import bases
from tests.bench.build import FOLDER
from tests.bench.measuring import load_average, seen
from tests.bench.pathways import GROUP, HERE, LARGEST, PYTHON, each_1000
from tests.bench.process_tree import Watched, watch
from tests.bench.result import BenchError, Measure

# Enough for what definitions look back at.
YEARS = 3
DEFINED = ("disease definitions", "diseases", "pathway definitions", "pathways")
# Of the processor's time of the build before them.
MOST = 0.5
# Seconds that a cohort with its baseline table may take, of as many patients.
COHORT_S, COHORT_OF = 2.0, 100_000


def measures(sizes: Sequence[int]) -> Iterator[Measure]:
    """By size, each build with the stages that are set against it. BenchError: a stage that is no more."""
    smallest: Measure | None = None
    for patients in (size for size in sizes if size <= LARGEST):
        source = bases.delivery(patients, "parquet", years=YEARS)
        releases = FOLDER / "releases"
        shutil.rmtree(releases, ignore_errors=True)
        title = f"{patients:,} patients, {YEARS} years"
        try:
            built = watch([PYTHON, HERE / "stages_of_build.py", source, releases, *bases.LIMITS])
            yield from added(title, last(built))
            spent = sum(last(built)[name] for name in DEFINED)
            each = each_1000(f"{title}: definitions and pathways", spent, patients, smallest)
            smallest = smallest or each
            yield each
            yield from _in_session(title, releases / "snds" / "current", patients)
        finally:
            shutil.rmtree(releases, ignore_errors=True)


def added(title: str, stages: dict[str, float]) -> Iterator[Measure]:
    """Yields what definitions and pathways took of the stages of a build. BenchError: a stage that is no more."""
    if missing := [name for name in DEFINED if name not in stages]:
        raise BenchError(f"no stage of a build is called {', '.join(missing)} any more")
    defined = sum(stages[name] for name in DEFINED)
    rest = sum(stages.values()) - defined
    before = f"{title}: the build before them, CPU"
    yield seen(GROUP, before, rest, unit="s")
    for stage in ("diseases", "pathways"):
        yield seen(GROUP, f"{title}: {stage}, CPU", stages[stage], unit="s", against=before)
    both = f"{title}: definitions and pathways, CPU"
    yield seen(GROUP, both, defined, unit="s", against=before, failed=defined > MOST * rest)


def _in_session(title: str, release: object, patients: int) -> Iterator[Measure]:
    load = load_average()
    found = last(watch([PYTHON, HERE / "cohort_of_release.py", str(release)]))
    name = f"{title}: a cohort of {found['periods']:,.0f} with its baseline table"
    # Where others compute too, seconds of the clock are theirs as well.
    alone = load <= len(os.sched_getaffinity(0))
    took = found["seconds"] if alone else found["cpu_s"] / found["threads"]
    late = patients >= COHORT_OF and took > COHORT_S
    yield seen(GROUP, name, found["seconds"], unit="s", failed=late and alone)
    yield seen(GROUP, f"{name}, CPU", found["cpu_s"], unit="s", failed=late and not alone)
    made = last(watch([PYTHON, HERE / "pathways_of_release.py", str(release)]))
    name = f"{title}: pathways of {made['periods']:,.0f} periods in the session, CPU"
    yield seen(GROUP, name, made["cpu_s"], unit="s")


def last(run: Watched) -> dict[str, float]:
    """What a script of ours said last."""
    found: dict[str, float] = json.loads(run.said.splitlines()[-1])
    return found
