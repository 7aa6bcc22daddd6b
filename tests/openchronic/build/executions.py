"""Lets DuckDB work as Spark does in a build, and counts the queries that Spark would run: those that write or return rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openchronic.engines.duck import Duck

# Each call is one execution on Spark; views and local tables are none.
ONE_EACH = ("table", "scratch", "add", "write", "rows")


@dataclass
class Counting:
    """``file`` tells the number so far. What waits in a step: the columns of its tables, the tables that are dealt to."""

    file: Path
    number: int = 0
    is_inside: bool = False
    columns: set[str] = field(default_factory=set)
    dealt: set[Path] = field(default_factory=set)

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
    _wrap(counting, "later", lambda engine, _name, query: _later(counting, engine, query))
    _wrap(counting, "write_by_bucket", lambda _e, _q, folder, _n: counting.dealt.add(folder.parent))
    _wrap(counting, "settle", lambda _engine: _settle(counting))


def _wrap(counting: Counting, name: str, noted: Callable[..., object]) -> None:
    old = getattr(Duck, name)

    def new(engine: Duck, *given: Any, **named: Any) -> Any:
        if counting.is_inside:
            return old(engine, *given, **named)
        counting.alone(lambda: noted(engine, *given))
        return counting.alone(lambda: old(engine, *given, **named))

    setattr(Duck, name, new)


def _later(counting: Counting, engine: Duck, query: str) -> None:
    counting.columns.add(str(engine.columns(query)))


def _settle(counting: Counting) -> None:
    counting.note(len(counting.columns) + len(counting.dealt))
    counting.columns.clear()
    counting.dealt.clear()
