"""From delivered files to trusted tables: inspect, ingest, identity, filters; by size, and beside DuckDB's own parser."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.bench import peers
from tests.bench.build import FOLDER, OPENCHRONIC, SEED, code_of_synth
from tests.bench.measuring import load_average
from tests.bench.process_tree import Watched, watch
from tests.bench.result import BenchError, Measure

GROUP = "ingest"
SIZES = (10_000, 100_000, 1_000_000)
# Of the care of each size: its files come of a year and of the months in which that year is still paid.
YEARS = 1
# Of a base to which a month is added.
YEARS_BEFORE_A_MONTH = 3
# Beyond it, text is ten times the bytes for the same answer.
LARGEST_TEXT = 100_000
MEMORY_MB = 2000
# What a process has beside the engine's buffers: Python, its libraries, the engine's own bookkeeping.
BESIDE_MB = 512
PEERS = {
    "DuckDB": "parse_by_duckdb.py",
    "Polars": "parse_by_polars.py",
    "pandas": "parse_by_pandas.py",
}
# pandas holds a table in memory and reads it on one core.
FITS = {"pandas": 10_000}
PYTHON = OPENCHRONIC.with_name("python")
# The steps of a build by what the bench calls them.
STEPS = {
    "ingest": ("checking files", "reading files"),
    "identity": ("people", "persons"),
    "filters": ("claims", "hospital stays"),
}
# As the typed and the all-string tables write it.
MONTH = (
    "strftime(coalesce(try_cast(FLX_DIS_DTD AS DATE), "
    "try_strptime(CAST(FLX_DIS_DTD AS VARCHAR), '%d/%m/%Y')), '%Y-%m')"
)
STEP = re.compile(r"^(?P<name>[a-z -]+): (?P<seconds>\d+\.\d) s$", re.MULTILINE)


def measures(sizes: Sequence[int] = SIZES) -> Iterator[Measure]:
    """Each size in Parquet, then text beside its peer, then one more month."""
    smallest = f"whole build per 1,000 patients, {sizes[0]:,}"
    for patients in sizes:
        source = _delivery(patients, "parquet")
        built, manifest = _build(source)
        lines = sum(one["rows"] for one in manifest["rows_read"].values())
        title = f"{patients:,} patients, Parquet"
        yield _one(f"{title}: lines", lines / 1e6, "million")
        yield _one(f"{title}: bytes", _size(source) / 1e6, "MB")
        yield _one(f"{title}: inspect", watch([OPENCHRONIC, "inspect", source]).seconds, "s")
        yield from _steps(title, built)
        yield _one(
            f"{title}: peak", built.peak_mb, "MB", failed=built.peak_mb > MEMORY_MB + BESIDE_MB
        )
        each = f"whole build per 1,000 patients, {patients:,}"
        against = "" if each == smallest else smallest
        yield _one(each, 1000 * built.seconds / patients, "s", against=against)
    for patients in sizes:
        if patients <= LARGEST_TEXT:
            yield from _beside_the_peers(patients)
    yield from _one_more_month(sizes[0])


def _beside_the_peers(patients: int) -> Iterator[Measure]:
    """Text, read by us (checked, typed, rejects told) and parsed by each peer: the same lines."""
    source = _delivery(patients, "csv")
    built, manifest = _build(source)
    ours = {name: one["rows"] for name, one in manifest["rows_read"].items()}
    title = f"{patients:,} patients, text"
    for peer, script in PEERS.items():
        if patients > FITS.get(peer, patients):
            continue
        parsed = _parse(script, source)
        theirs = json.loads(parsed.said)
        if theirs != ours:
            raise BenchError(f"{peer} and we do not count the same lines: {theirs}, {ours}")
        yield _one(f"{title}: {peer}'s own parser", parsed.seconds, "s")
        yield _one(f"{title}: {peer}'s own parser, peak", parsed.peak_mb, "MB")
    against = f"{title}: DuckDB's own parser"
    yield _one(f"{title}: ingest", _seconds(built, STEPS["ingest"]), "s", against=against)


def _parse(script: str, source: Path) -> Watched:
    target = FOLDER / "parsed"
    shutil.rmtree(target, ignore_errors=True)
    try:
        return watch(
            [PYTHON, Path(__file__).with_name(script), source, target], env=peers.environment()
        )
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _one_more_month(patients: int) -> Iterator[Measure]:
    """A base is built, then its delivery grows by the last flux month."""
    grown = FOLDER / "grown"
    shutil.rmtree(grown, ignore_errors=True)
    shutil.copytree(_delivery(patients, "parquet", years=YEARS_BEFORE_A_MONTH), grown)
    month = _set_last_month_aside(grown)
    try:
        first, _ = _build(grown, keep=True)
        for path, aside in month.items():
            aside.rename(path)
        second, _ = _build(grown, keep=True)
    finally:
        shutil.rmtree(FOLDER / "releases", ignore_errors=True)
        shutil.rmtree(grown, ignore_errors=True)
    whole = f"{patients:,} patients: ingest of a first build"
    yield _one(whole, _seconds(first, STEPS["ingest"]), "s")
    more = f"{patients:,} patients: ingest of the next, one flux month more"
    yield _one(more, _seconds(second, STEPS["ingest"]), "s", against=whole)


def _set_last_month_aside(source: Path) -> dict[Path, Path]:
    """Cut the claims of the last flux month into files of their own, out of ``source``: where each belongs."""
    found: dict[Path, Path] = {}
    with duckdb.connect() as connection:
        for shard in sorted(source.rglob("ER_*/*.parquet")):
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE claim AS FROM read_parquet(?)", [str(shard)]
            )
            connection.execute("ALTER TABLE claim ADD COLUMN month VARCHAR")
            connection.execute(f"UPDATE claim SET month = {MONTH}")  # noqa: S608
            found |= _cut(connection, shard)
    last = max(path.name for path in found)
    for path in [path for path in found if path.name != last]:
        found.pop(path).rename(path)
    return found


def _cut(connection: duckdb.DuckDBPyConnection, shard: Path) -> dict[Path, Path]:
    """One file per month in place of ``shard``, each lying aside."""
    months = connection.execute("SELECT DISTINCT month FROM claim ORDER BY month").fetchall()
    found = {}
    for (month,) in months:
        path = shard.with_name(f"{month}.parquet")
        aside = FOLDER / f"{shard.parent.name}-{month}.aside"
        connection.execute(
            f"COPY (SELECT * EXCLUDE (month) FROM claim WHERE month = '{month}') "  # noqa: S608
            f"TO '{aside}' (FORMAT parquet)"
        )
        found[path] = aside
    shard.unlink()
    return found


def _build(source: Path, *, keep: bool = False) -> tuple[Watched, dict[str, Any]]:
    releases = FOLDER / "releases"
    try:
        built = watch(
            [
                OPENCHRONIC,
                "build",
                source,
                releases,
                "--memory",
                f"{MEMORY_MB}MB",
                "--buckets",
                "16",
            ]
        )
        manifest = json.loads((releases / "snds" / "current" / "manifest.json").read_text())
        return built, manifest
    finally:
        if not keep:
            shutil.rmtree(releases, ignore_errors=True)


def _steps(title: str, built: Watched) -> Iterator[Measure]:
    for name, steps in STEPS.items():
        yield _one(f"{title}: {name}", _seconds(built, steps), "s")
    yield _one(f"{title}: whole build", built.seconds, "s")
    yield _one(f"{title}: whole build, CPU", built.cpu_s, "s")


def _seconds(built: Watched, steps: Sequence[str]) -> float:
    said = {found["name"]: float(found["seconds"]) for found in STEP.finditer(built.said)}
    return sum(said[name] for name in steps)


def _delivery(patients: int, form: str, *, years: int = YEARS) -> Path:
    """Made once, and kept for the next run."""
    kind = f"ingest-{patients}-{form}-{years}y"
    source = FOLDER / f"{kind}-{code_of_synth()}"
    if source.exists():
        return source
    for old in FOLDER.glob(f"{kind}-*"):
        shutil.rmtree(old)
    FOLDER.mkdir(parents=True, exist_ok=True)
    partial = FOLDER / "ingest.partial"
    size = ["--patients", str(patients), "--seed", str(SEED), "--years", str(years)]
    watch([OPENCHRONIC, "synth", partial, *size, "--format", form, "--force"])
    partial.rename(source)
    return source


def _size(source: Path) -> int:
    return sum(file.stat().st_size for file in source.rglob("*") if file.is_file())


def _one(name: str, value: float, unit: str, *, against: str = "", failed: bool = False) -> Measure:
    return Measure(
        group=GROUP,
        name=name,
        unit=unit,
        values=(value,),
        load=load_average(),
        against=against,
        failed=failed,
    )
