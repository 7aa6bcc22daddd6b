"""Builds on Spark, local, where this machine has it: pyspark is no tool of the operators."""

import importlib.util
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.bench import bases
from tests.bench.process_tree import watch

# A Python with pyspark and what openchronic needs, if it is not the one that runs the bench.
PYTHON = "SPARK_PYTHON"
ENGINE = ("--engine", "spark")


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


def build(python: Path, source: Path, releases: Path) -> bases.Base:
    """The whole build of ``source`` on Spark."""
    shutil.rmtree(releases, ignore_errors=True)
    command: list[str | Path] = [python]
    command += ["-m", "openchronic", "build", source, releases, *bases.LIMITS, *ENGINE]
    return bases.Base(watch(command, env=environment()), releases)
