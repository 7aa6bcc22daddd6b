"""PyTorch: tokens of event sequences read in a second, against DuckDB alone, and learnt in a second.

It needs PyTorch, which `make bench` does not install for its size: BENCH_TORCH names the Python that has it and
openchronic, such as that of a session of the image pytorch-gpu.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from tests.bench import bases
from tests.bench.measuring import seen
from tests.bench.process_tree import watch
from tests.bench.result import BenchError, Measure

READ = Path(__file__).with_name("read_sequences.py")
PYTHON = "BENCH_TORCH"
UNIT = "million tokens/s"


def measures(patients: int) -> Iterator[Measure]:
    python = os.environ.get(PYTHON)
    if not python:
        raise BenchError(f"{PYTHON} names no Python with PyTorch and openchronic")
    environment = os.environ | {"OPENCHRONIC_RELEASES": str(bases.built(patients).releases)}
    asked = watch([Path(python), READ], env=environment)
    said = json.loads(asked.said.splitlines()[-1])
    size = f"sequences of {patients:,} patients"
    yield seen("torch", f"{size}: tokens", said["tokens"] / 1e6, unit="million")
    floor = f"{size}: DuckDB reads the same columns of the same buckets"
    yield seen("torch", floor, *said["seconds"]["floor"], unit="s")
    for workers in said["workers"]:
        yield seen(
            "torch",
            f"{size}: read with {workers} workers",
            *said["seconds"][str(workers)],
            unit="s",
            against=floor,
        )
    for name, rate in said["learnt"].items():
        yield seen("torch", f"{size}: learnt by a small transformer, {name}", rate / 1e6, unit=UNIT)
