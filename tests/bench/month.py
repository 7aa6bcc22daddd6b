"""What a flux month more costs: a base is built, its delivery grows by a whole month, and it is built again."""

import shutil
import statistics
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb

from tests.bench import bases
from tests.bench.build import FOLDER
from tests.bench.measuring import seen
from tests.bench.process_tree import Watched
from tests.bench.result import BenchError, Measure
from tests.bench.steps import seconds, steps_of

GROUP = "month"
YEARS_BEFORE = 3
# As many buckets as the claims ask for, as a site has them.
LIMITS = ("--memory", f"{bases.MEMORY_MB}MB")
KEEPING = (*LIMITS, "--keep-parts")
# As the typed and the all-string tables write it.
MONTH = (
    "strftime(coalesce(try_cast(FLX_DIS_DTD AS DATE), "
    "try_strptime(CAST(FLX_DIS_DTD AS VARCHAR), '%d/%m/%Y')), '%Y-%m')"
)


def measures(patients: int) -> Iterator[Measure]:
    """The build of the month against that of the whole, what keeping its parts costs the first one, and the disk."""
    grown, releases = FOLDER / "grown", FOLDER / "releases"
    title = f"{patients:,} patients, {YEARS_BEFORE} years"
    try:
        month = _delivered(patients, grown)
        plain = bases.build(grown, releases, options=LIMITS)
        first = bases.build(grown, releases, options=KEEPING)
        parts, store, release = (
            _megabytes(releases / "snds" / one) for one in (".work", ".store", "current")
        )
        _deliver(month)
        second = bases.build(grown, releases, on_top=True, options=KEEPING)
        made = second.manifest["content_sha256"]
        whole = bases.build(grown, FOLDER / "whole", options=LIMITS)
        if made != whole.manifest["content_sha256"]:
            raise BenchError("a month more makes another release than a whole build")
    finally:
        for folder in (grown, releases, FOLDER / "whole"):
            shutil.rmtree(folder, ignore_errors=True)
    for name, found, against in (
        (f"{title}: first build", plain, ""),
        (f"{title}: first build that keeps its parts", first, f"{title}: first build"),
        (f"{title}: whole build, a month later", whole, ""),
        (f"{title}: that month more (aim: 0.1)", second, f"{title}: whole build, a month later"),
    ):
        watched = found.watched
        beside = f"{against}, CPU" if against else ""
        yield seen(GROUP, f"{name}, CPU", watched.cpu_s, unit="s", against=beside)
        yield seen(GROUP, name, watched.seconds, unit="s", against=against)
        yield seen(GROUP, f"{name}, peak", watched.peak_mb, unit="MB")
    for step in steps_of(second.watched):
        yield seen(GROUP, f"  of it: {step}", seconds(second.watched, (step,)), unit="s")
    yield seen(GROUP, f"{title}: typed files", store, unit="MB")
    yield seen(GROUP, f"{title}: release", release, unit="MB")
    yield seen(GROUP, f"{title}: kept parts", parts, unit="MB", against=f"{title}: typed files")


@cache
def one_more(patients: int) -> tuple[Watched, Watched]:
    """The first build, and that of the same base with one month more."""
    grown, releases = FOLDER / "grown", FOLDER / "releases"
    try:
        month = _delivered(patients, grown)
        first = bases.build(grown, releases, options=KEEPING)
        _deliver(month)
        second = bases.build(grown, releases, on_top=True, options=KEEPING)
    finally:
        shutil.rmtree(releases, ignore_errors=True)
        shutil.rmtree(grown, ignore_errors=True)
    return first.watched, second.watched


def _delivered(patients: int, grown: Path) -> dict[Path, Path]:
    """Lay the delivery in ``grown`` without its last whole month of claims: where the files of that month belong."""
    shutil.rmtree(grown, ignore_errors=True)
    shutil.copytree(bases.delivery(patients, "parquet", years=YEARS_BEFORE), grown)
    return _set_last_month_aside(grown)


def _deliver(month: dict[Path, Path]) -> None:
    for path, aside in month.items():
        aside.rename(path)


def _megabytes(folder: Path) -> float:
    """Of the files in ``folder`` that no other place shows."""
    found = {one.stat().st_ino: one.stat().st_size for one in folder.rglob("*") if one.is_file()}
    return sum(found.values()) / 1e6


def _set_last_month_aside(source: Path) -> dict[Path, Path]:
    """Cut the claims into files of one flux month each; those of the last whole month are out of ``source``: where each
    belongs. The months after it, in which a few late claims came, are left out."""
    found: dict[Path, Path] = {}
    lines: Counter[str] = Counter()
    with duckdb.connect() as connection:
        for shard in sorted(source.rglob("ER_*/*.parquet")):
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE claim AS FROM read_parquet(?)", [str(shard)]
            )
            connection.execute("ALTER TABLE claim ADD COLUMN month VARCHAR")
            connection.execute(f"UPDATE claim SET month = {MONTH}")  # noqa: S608
            for month, number in connection.execute(
                "SELECT month, count(*) FROM claim GROUP BY month"
            ).fetchall():
                lines[month] += number
            found |= _cut(connection, shard)
    whole = statistics.median(lines.values()) / 2
    last = max(month for month, number in lines.items() if number >= whole)
    for path in [path for path in found if not path.name.startswith(last)]:
        aside = found.pop(path)
        if path.name < last:
            aside.rename(path)
        else:
            aside.unlink()
    return found


def _cut(connection: duckdb.DuckDBPyConnection, shard: Path) -> dict[Path, Path]:
    """One file per month in place of ``shard``, each lying aside. A year may be cut into several shards."""
    months = connection.execute("SELECT DISTINCT month FROM claim ORDER BY month").fetchall()
    found = {}
    for (month,) in months:
        path = shard.with_name(f"{month}-{shard.name}")
        aside = FOLDER / f"{shard.parent.name}-{path.stem}.aside"
        connection.execute(
            f"COPY (SELECT * EXCLUDE (month) FROM claim WHERE month = '{month}') "  # noqa: S608
            f"TO '{aside}' (FORMAT parquet)"
        )
        found[path] = aside
    shard.unlink()
    return found
