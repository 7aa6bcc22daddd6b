"""Counts what is planted in the extraction while it is generated; ``traps.csv`` lists it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import duckdb


@dataclass(frozen=True, slots=True)
class Trap:
    """One planted thing to count."""

    name: str
    label: str
    counted_in: str  # table of the block
    condition: str  # SQL, on that table
    among: str  # the trap whose count is the denominator, "" when there is none


@cache
def load_traps() -> tuple[Trap, ...]:
    """Returns every trap, in the order in which it is shown."""
    path = resources.files("openchronic.synth").joinpath("traps.csv")
    with path.open(encoding="utf-8") as lines:
        return tuple(Trap(**row) for row in csv.DictReader(lines))


def count_block(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Returns the number of each trap in the block."""
    counts: Counter[str] = Counter()
    for table, traps in _by_table():
        filters = ", ".join(f"count(*) FILTER ({trap.condition})" for trap in traps)
        row = connection.execute(f"SELECT {filters} FROM {table}").fetchone()
        if row is not None:
            counts.update(dict(zip((trap.name for trap in traps), row, strict=True)))
    return counts


def _by_table() -> Iterator[tuple[str, list[Trap]]]:
    for table in dict.fromkeys(trap.counted_in for trap in load_traps()):
        yield table, [trap for trap in load_traps() if trap.counted_in == table]
