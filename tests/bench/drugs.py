"""From typed Parquet to sorted drug events: the build's own path, and the same by hand; equal rows first."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench import bases, drug_rows, peers, spark
from tests.bench.build import FOLDER, OPENCHRONIC
from tests.bench.measuring import seen
from tests.bench.process_tree import Watched, watch
from tests.bench.result import BenchError, Measure

# Each path is run so often; that of Spark, whose start is long, once.
TRIES = 3
# Beyond it once: what chance adds is small beside minutes.
LARGEST_TRIED_AGAIN = 100_000
HERE = Path(__file__).parent
OURS = HERE / "drugs_by_openchronic.py"
FLOORS = {"DuckDB": "drugs_by_duckdb.py", "Polars": "drugs_by_polars.py"}
# What drug events come of. Costs, acts and stays are of other paths.
TABLES = ("IR_BEN_R", "IR_BEN_R_ARC", "ER_PRS_F", "ER_ETE_F", "ER_PHA_F")
PLACE = FOLDER / "drugs"


def measures(group: str, patients: int) -> Iterator[Measure]:
    """Seconds, those of the processor, and memory. BenchError: rows that differ."""
    title = f"{patients:,} patients, drugs"
    tries = TRIES if patients <= LARGEST_TRIED_AGAIN else 1
    shutil.rmtree(PLACE, ignore_errors=True)
    try:
        source = _delivery(patients)
        engines = {"DuckDB": [_ours(source) for _ in range(tries)]}
        if (python := spark.python()) is not None:
            rows = drug_rows.of_release(PLACE / "ours")
            engines["Spark"] = [_ours(source, python)]
            same({"Spark": drug_rows.of_release(PLACE / "ours"), "DuckDB": rows})
        floors = {name: [_floor(script) for _ in range(tries)] for name, script in FLOORS.items()}
        same(
            {"this path": drug_rows.of_release(PLACE / "ours")}
            | {"the whole build": drug_rows.of_release(bases.built(patients).release)}
            | {name: drug_rows.of_floor(_target(script)) for name, script in FLOORS.items()}
        )
    finally:
        shutil.rmtree(PLACE, ignore_errors=True)
    by_hand = f"{title}: by hand in"
    for name, runs in floors.items():
        yield from _told(group, f"{by_hand} {name}", runs)
    for name, runs in engines.items():
        yield from _told(group, f"{title}: built on {name}", runs, f"{by_hand} DuckDB")


def _delivery(patients: int) -> Path:
    """The files of ``TABLES``, linked: a delivery of their own."""
    whole, here = bases.delivery(patients, "parquet"), PLACE / "delivery"
    for file in whole.rglob("*.parquet"):
        name = file.parent.name
        if file.is_file() and any(name.startswith((f"{one}.", f"{one}_20")) for one in TABLES):
            link = here / file.relative_to(whole)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.hardlink_to(file)
    return here


def _ours(source: Path, python: Path | None = None) -> Watched:
    """After the first run the typed tables are kept, and read again by each that follows."""
    target = PLACE / "ours"
    shutil.rmtree(target, ignore_errors=True)
    engine = spark.ENGINE if python else ()
    command = [OURS, target, source, PLACE / "releases", *bases.LIMITS, *engine, "--quiet"]
    environment = spark.environment() if python else _environment()
    return watch([python or OPENCHRONIC.with_name("python"), *command], env=environment)


def _floor(script: str) -> Watched:
    target = _target(script)
    shutil.rmtree(target, ignore_errors=True)
    command = [HERE / script, PLACE / "ours" / "typed.json", target]
    return watch([OPENCHRONIC.with_name("python"), *command], env=_environment())


def _environment() -> dict[str, str]:
    """The peers, and the packages that this bench was started with."""
    paths = (peers.environment()["PYTHONPATH"], os.environ.get("PYTHONPATH", ""))
    return os.environ | {"PYTHONPATH": os.pathsep.join(one for one in paths if one)}


def _target(script: str) -> Path:
    return PLACE / script.removesuffix(".py")


def same(rows: Mapping[str, drug_rows.Rows]) -> None:
    """BenchError unless all are equal."""
    if len(set(rows.values())) != 1:
        raise BenchError(f"not the same drug events (rows, sum of their hashes): {rows}")


def _told(group: str, name: str, runs: Sequence[Watched], floor: str = "") -> Iterator[Measure]:
    """What each run timed itself, without its start; the peak is of its whole process."""
    # Spark's own log may have the last word.
    lines = [run.said.splitlines()[::-1] for run in runs]
    said = [json.loads(next(one for one in each if one.startswith("{"))) for each in lines]
    seconds, cpu, peak = floor, floor and f"{floor}, CPU", floor and f"{floor}, peak"
    yield seen(group, name, *(one["s"] for one in said), unit="s", against=seconds)
    # The work of Spark is that of another process.
    if "Spark" not in name:
        yield seen(group, f"{name}, CPU", *(one["cpu_s"] for one in said), unit="s", against=cpu)
    yield seen(group, f"{name}, peak", *(run.peak_mb for run in runs), unit="MB", against=peak)
