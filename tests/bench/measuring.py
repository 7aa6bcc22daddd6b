"""Taking a measure: how often, how long, and under which load."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.bench.result import Measure


def load_average() -> float:
    return round(os.getloadavg()[0], 2)


def timed(
    group: str, name: str, work: Callable[[], object], *, repeats: int, against: str = ""
) -> Measure:
    """`work`, several times, in seconds."""
    load = load_average()
    values = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        values.append(time.perf_counter() - started)
    return Measure(
        group=group, name=name, unit="s", values=tuple(values), load=load, against=against
    )


def seen(
    group: str, name: str, *values: float, unit: str, against: str = "", failed: bool = False
) -> Measure:
    """Values that were read rather than timed."""
    return Measure(
        group=group,
        name=name,
        unit=unit,
        values=values,
        load=load_average(),
        against=against,
        failed=failed,
    )


@dataclass
class Steps:
    """The seconds of each step of a sequence."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started

    @property
    def total(self) -> float:
        return sum(self.seconds.values())
