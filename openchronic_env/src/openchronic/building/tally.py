"""Rows that filters judge, and what each took of them, counted on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from openchronic.building.context import Context
from openchronic.building.filters import FilterCount, counts, judge


@dataclass
class Tally:
    """Rows judged, by step, and removed, by filter; parts of a delivery add up."""

    rows: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    def judge(self, context: Context, step: str, query: str) -> None:
        """Make ``judged`` of the rows of ``query``, as the filters of ``step`` judge them; count."""
        context.engine.scratch("judged", judge(context.settings.filters, step, query))
        fates = "SELECT removed_by, count(*) FROM judged GROUP BY removed_by"
        self.add(step, context.engine.rows(fates))

    def add(self, step: str, fates: Iterable[tuple[Any, ...]]) -> None:
        """Count rows of ``step`` by the filter that removed them; None: none did."""
        for name, number in fates:
            self.rows[step] += int(number)
            if name is not None:
                self.removed[name] += int(number)

    def counts(self, context: Context, step: str) -> list[FilterCount]:
        """Rows before and after each filter of ``step``."""
        return counts(context.settings.filters, step, rows=self.rows[step], removed=self.removed)
