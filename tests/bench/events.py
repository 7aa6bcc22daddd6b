"""From trusted tables to the base, and what is asked of it: beside the same by hand, on DuckDB and on Spark, by size."""

from collections.abc import Iterator, Sequence

from tests.bench import bases, drugs, questions, spark
from tests.bench.measuring import seen
from tests.bench.result import Measure

GROUP = "events"
# Beyond it one machine is no place for Spark, and the same rows were compared already.
LARGEST_SPARK = 100_000


def measures(sizes: Sequence[int] = bases.SIZES) -> Iterator[Measure]:
    """Drugs by hand, whole builds by size, questions to the largest."""
    for patients in sizes:
        yield from drugs.measures(GROUP, patients)
    for patients in sizes:
        yield from _whole(patients, sizes[0])
    for patients in sizes:
        if patients <= LARGEST_SPARK:
            yield from _on_spark(patients)
    yield from questions.measures(GROUP, sizes[-1])


def _whole(patients: int, smallest: int) -> Iterator[Measure]:
    base = bases.built(patients)
    built, too_much = base.watched, bases.MEMORY_MB + bases.BESIDE_MB
    first = "" if patients == smallest else _each(smallest)
    yield seen(GROUP, f"{_title(patients)}: lines", base.lines / 1e6, unit="million")
    yield seen(GROUP, _title(patients), built.seconds, unit="s")
    yield seen(GROUP, f"{_title(patients)}, CPU", built.cpu_s, unit="s")
    each = 1000 * built.seconds / patients, 1000 * built.cpu_s / patients
    yield seen(GROUP, _each(patients), each[0], unit="s", against=first)
    yield seen(
        GROUP, f"{_each(patients)}, CPU", each[1], unit="s", against=first and f"{first}, CPU"
    )
    peak = built.peak_mb
    yield seen(GROUP, f"{_title(patients)}, peak", peak, unit="MB", failed=peak > too_much)


def _on_spark(patients: int) -> Iterator[Measure]:
    """The same rows in every table, or BenchError."""
    if (python := spark.python()) is None:
        return
    base = bases.built(patients)
    releases = bases.BUILT / f"{patients}-spark"
    other = spark.build(python, bases.delivery(patients, "parquet"), releases)
    spark.refuse_other(base, other)
    on_spark = f"{_title(patients)} on Spark"
    yield seen(GROUP, on_spark, other.watched.seconds, unit="s", against=_title(patients))
    peak = other.watched.peak_mb
    yield seen(GROUP, f"{on_spark}, peak", peak, unit="MB", against=f"{_title(patients)}, peak")


def _title(patients: int) -> str:
    return f"whole build, {patients:,}"


def _each(patients: int) -> str:
    return f"whole build per 1,000 patients, {patients:,} (aim: 1.3)"
