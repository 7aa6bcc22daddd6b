"""From delivered files to trusted tables: inspect, ingest, identity, filters; by size, and beside DuckDB's own parser."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import bases, month, peers
from tests.bench.build import FOLDER, OPENCHRONIC
from tests.bench.measuring import load_average
from tests.bench.process_tree import Watched, watch
from tests.bench.result import BenchError, Measure
from tests.bench.steps import seconds

GROUP = "ingest"
# Beyond it, text is ten times the bytes for the same answer.
LARGEST_TEXT = 100_000
PEERS = {
    "DuckDB": "parse_by_duckdb.py",
    "Polars": "parse_by_polars.py",
    "pandas": "parse_by_pandas.py",
}
# Files checked, typed and stored, and nothing else of a build.
READ = Path(__file__).with_name("read_files.py")
# What reading may cost: of the processor time of DuckDB's own typed read of the same text, and in files kept.
TIMES_DUCKDB = 1.5
MOST_FILES = 2_000
# pandas holds a table in memory and reads it on one core.
FITS = {"pandas": 10_000}
PYTHON = OPENCHRONIC.with_name("python")
# The steps of a build by what the bench calls them.
STEPS = {
    "ingest": ("checking files", "reading files"),
    "identity": ("people", "persons"),
    "filters": ("claims", "hospital stays"),
}


def measures(sizes: Sequence[int] = bases.SIZES) -> Iterator[Measure]:
    """Each size in Parquet, then text beside its peer, then one more month."""
    smallest = f"whole build per 1,000 patients, {sizes[0]:,}"
    for patients in sizes:
        source, base = bases.delivery(patients, "parquet"), bases.built(patients)
        built = base.watched
        title = f"{patients:,} patients, Parquet"
        yield _one(f"{title}: lines", base.lines / 1e6, "million")
        yield _one(f"{title}: bytes", bases.bytes_of(source) / 1e6, "MB")
        yield _one(f"{title}: inspect", watch([OPENCHRONIC, "inspect", source]).seconds, "s")
        yield from _steps(title, built)
        yield _one(
            f"{title}: peak",
            built.peak_mb,
            "MB",
            failed=built.peak_mb > bases.MEMORY_MB + bases.BESIDE_MB,
        )
        files = sum(path.is_file() for path in base.releases.rglob("*"))
        yield _one(f"{title}: files kept", files, "files", failed=files > MOST_FILES)
        each = f"whole build per 1,000 patients, {patients:,}"
        against = "" if each == smallest else smallest
        yield _one(each, 1000 * built.seconds / patients, "s", against=against)
    for patients in sizes:
        if patients <= LARGEST_TEXT:
            yield from _beside_the_peers(patients)
    yield from _one_more_month(sizes[0])


def _beside_the_peers(patients: int) -> Iterator[Measure]:
    """Text, read by us (checked, typed, rejects told) and parsed by each peer: the same lines."""
    source = bases.delivery(patients, "csv")
    base = bases.build(source, FOLDER / "releases")
    ours = {name: one["rows"] for name, one in base.manifest["rows_read"].items()}
    shutil.rmtree(base.releases)
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
        if peer == "DuckDB":
            yield from _reading_alone(title, source, parsed)
    against = f"{title}: DuckDB's own parser"
    yield _one(f"{title}: ingest", seconds(base.watched, STEPS["ingest"]), "s", against=against)


def _reading_alone(title: str, source: Path, parsed: Watched) -> Iterator[Measure]:
    """The processor time of our reading alone, which may be so many times that of DuckDB's."""
    floor = f"{title}: DuckDB's own parser, CPU"
    yield _one(floor, parsed.cpu_s, "s")
    read = _to_a_folder(READ, source)
    too_slow = read.cpu_s > TIMES_DUCKDB * parsed.cpu_s
    yield _one(f"{title}: reading alone, CPU", read.cpu_s, "s", against=floor, failed=too_slow)
    yield _one(f"{title}: fsyncs", json.loads(read.said)["synced"], "calls")


def _parse(script: str, source: Path) -> Watched:
    return _to_a_folder(Path(__file__).with_name(script), source)


def _to_a_folder(script: Path, source: Path) -> Watched:
    target = FOLDER / "parsed"
    shutil.rmtree(target, ignore_errors=True)
    try:
        return watch([PYTHON, script, source, target], env=peers.environment())
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _one_more_month(patients: int) -> Iterator[Measure]:
    first, second = month.one_more(patients)
    whole = f"{patients:,} patients: ingest of a first build"
    yield _one(whole, seconds(first, STEPS["ingest"]), "s")
    more = f"{patients:,} patients: ingest of the next, one flux month more"
    yield _one(more, seconds(second, STEPS["ingest"]), "s", against=whole)


def _steps(title: str, built: Watched) -> Iterator[Measure]:
    for name, steps in STEPS.items():
        yield _one(f"{title}: {name}", seconds(built, steps), "s")
    yield _one(f"{title}: whole build", built.seconds, "s")
    yield _one(f"{title}: whole build, CPU", built.cpu_s, "s")


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
