"""The counts of a step that wait to be asked: all of them at its end, on an engine to which a query costs more than rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from openchronic.build.figures import Counted
from openchronic.engines import Engine
from openchronic.models.model import Count, Model
from openchronic.models.query import written_in


@dataclass
class Waiting:
    """Counts that were declared and not asked yet; those of an engine that does not wait are asked at once."""

    engine: Engine
    counted: Counted
    asked: list[Count] = field(default_factory=list)

    def count(self, *counts: Count) -> None:
        """Asks ``counts`` now, or notes them."""
        self.asked += counts
        if self.asked and not self.engine.waits:
            self._take(self.engine.answers)

    def settle(self, *, keeps: bool = False) -> None:
        """Ends the step on the engine, which answers everything that waits, together. ``keeps``: as ``Engine.settle``."""
        self._take(partial(self.engine.settle, keeps=keeps))

    def _take(self, asking: Callable[[Sequence[str]], list[list[tuple[Any, ...]]]]) -> None:
        answers = asking([one.query for one in self.asked])
        for one, rows in zip(self.asked, answers, strict=True):
            self.counted.add_rows(one.key, rows, one.names)
        self.asked.clear()

    def waits_for(self, key: tuple[str, ...]) -> bool:
        """Returns whether a number of ``key`` is not known yet."""
        return any(one.key == key for one in self.asked)


def counts_of(model: Model, words: Mapping[str, str]) -> list[Count]:
    """Returns the counts on ``model``: its own, and the rows that each filter of its step removes."""
    judged = any(one.key[0] == "judged" for one in model.counts)
    found = [Count(one.key, written_in(one.query, words), one.names) for one in model.counts]
    if model.filters and model.made == "scratch" and not judged:
        query = f"SELECT removed_by, count(*) FROM {model.name} GROUP BY removed_by"
        found.insert(0, Count(("judged", model.filters), query))
    return found
