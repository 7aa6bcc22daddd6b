"""Builds on Spark, local, where this machine has it: pyspark is no tool of the operators."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.bench import bases, event_log
from tests.bench.measuring import seen
from tests.bench.process_tree import watch
from tests.bench.release_rows import of_release
from tests.bench.result import BenchError, Measure

# A Python with pyspark and what openchronic needs, if it is not the one that runs the bench.
PYTHON = "SPARK_PYTHON"
ENGINE = ("--engine", "spark")
GROUP = "spark"
# So few that a build takes as long as its executions, not as its rows.
FEW = 2_000


def measures(patients: int = FEW) -> Iterator[Measure]:
    """A small build: the executions that work, those that name views, its jobs; its time beside DuckDB's."""
    if (here := python()) is None:
        return
    base = bases.built(patients)
    releases = bases.BUILT / f"{patients}-spark"
    with tempfile.TemporaryDirectory() as log:
        other = build(here, bases.delivery(patients, "parquet"), releases, log=Path(log))
        found = event_log.read(Path(log))
    refuse_other(base, other)
    for what, number in (
        ("executions that work", found.working),
        ("executions that name a view", found.views),
        ("jobs", found.jobs),
    ):
        yield seen(GROUP, f"build of {patients:,} on Spark: {what}", number, unit="")
    for what, ours, theirs in (
        ("", base.watched.seconds, other.watched.seconds),
        (", CPU", base.watched.cpu_s, other.watched.cpu_s),
    ):
        yield seen(GROUP, f"build of {patients:,} on DuckDB{what}", ours, unit="s")
        yield seen(
            GROUP,
            f"build of {patients:,} on Spark{what}",
            theirs,
            unit="s",
            against=f"build of {patients:,} on DuckDB{what}",
        )


def refuse_other(base: bases.Base, other: bases.Base) -> None:
    """Raise BenchError where the two releases have not the same rows in every table."""
    ours, theirs = of_release(base.release), of_release(other.release)
    if different := sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    ):
        raise BenchError(f"DuckDB and Spark do not build the same: {', '.join(different)}")


@cache
def python() -> Path | None:
    """A Python that builds on Spark; None, once said why, where there is none."""
    if why := _missing():
        print(f"events: Spark is not measured: {why}", file=sys.stderr, flush=True)
        return None
    return _asked()


def _missing() -> str:
    """What a build on Spark lacks here; nothing where it can run."""
    if PYTHON not in os.environ and importlib.util.find_spec("pyspark") is None:
        return f"there is no pyspark here; {PYTHON} may name a Python that has it"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "there is no Java here"
    helped = subprocess.run(
        [_asked(), "-m", "openchronic", "build", "--help"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if ENGINE[0] not in helped.stdout:
        return f"{_asked()} knows no `build {ENGINE[0]}`: {helped.stderr[-300:].strip()}"
    return ""


def _asked() -> Path:
    return Path(os.environ.get(PYTHON, sys.executable))


def environment() -> dict[str, str]:
    """For that Python: this checkout's own packages."""
    source = ROOT / "openchronic_env" / "src"
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(source), str(ROOT)))}


def build(python: Path, source: Path, releases: Path, *, log: Path | None = None) -> bases.Base:
    """The whole build of ``source`` on Spark. ``log``: the empty folder of its event log."""
    shutil.rmtree(releases, ignore_errors=True)
    command: list[str | Path] = [python]
    command += ["-m", "openchronic", "build", source, releases, *bases.LIMITS, *ENGINE]
    logged = {"PYSPARK_SUBMIT_ARGS": f"{event_log.settings(log)} pyspark-shell"} if log else {}
    return bases.Base(watch(command, env=environment() | logged), releases)
