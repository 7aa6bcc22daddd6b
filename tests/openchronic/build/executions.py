"""Lets DuckDB work as Spark does in a build, and counts the queries that Spark would run: those that write or return rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openchronic.engines.duck import Duck

# Each call is one execution on Spark; views and local tables are none, and scratch tables are computed where they are read.
ONE_EACH = ("rows",)
# What these make is one write, at the end of the step.
TOGETHER = ("table", "add", "write_by_bucket")


@dataclass
class Counting:
    """``file`` tells the number so far. ``waits``: whether something of a step waits for its end."""

    file: Path
    number: int = 0
    is_inside: bool = False
    waits: bool = False

    def wait(self) -> None:
        self.waits = True

    def note(self, number: int) -> None:
        self.number += number
        self.file.write_text(str(self.number))

    def alone(self, work: Callable[[], Any]) -> Any:
        """Runs what an operation of DuckDB does with others of its own, which are none of Spark's."""
        self.is_inside = True
        try:
            return work()
        finally:
            self.is_inside = False


def count_in(file: str) -> None:
    """Counts in ``file`` from now on, in this process."""
    counting = Counting(Path(file))
    Duck.waits = True
    setattr(Duck, "most_claims", lambda _engine: None)  # noqa: B010
    # A question to the catalogue, which Spark answers without an execution.
    _wrap(counting, "columns", lambda *_: None)
    for name in ONE_EACH:
        _wrap(counting, name, lambda *_: counting.note(1))
    _wrap(counting, "answers", lambda _engine, queries: counting.note(1 if queries else 0))
    _wrap(counting, "write", lambda *given: _write(counting, *given))
    for name in TOGETHER:
        _wrap(counting, name, lambda *_: counting.wait())
    _wrap(counting, "settle", lambda _engine, queries=(): _settle(counting, queries))


def _wrap(counting: Counting, name: str, noted: Callable[..., object]) -> None:
    old = getattr(Duck, name)

    def new(engine: Duck, *given: Any, **named: Any) -> Any:
        if counting.is_inside:
            return old(engine, *given, **named)
        counting.alone(lambda: noted(engine, *given))
        return counting.alone(lambda: old(engine, *given, **named))

    setattr(Duck, name, new)


def _write(counting: Counting, _engine: Duck, *given: Any) -> None:
    """A table by bucket is put in order by an execution of its own, and a small one by the driver."""
    *_, buckets = given
    if buckets is None:
        counting.wait()
    else:
        counting.note(1)


def _settle(counting: Counting, queries: Sequence[str]) -> None:
    counting.note(1 if counting.waits or queries else 0)
    counting.waits = False
