"""A rule with three implementations: its tables, its texts, generated cases, and its reference.

A case is a few persons, small enough to be read; ``apart`` gives it persons of its own, so that one query runs
many cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.images.inside.three_ways import Answers, in_order

Rows = list[dict[str, Any]]
Case = dict[str, Rows]
# More than the persons of a case.
APART = 1000


@dataclass(frozen=True)
class Rule:
    """``columns``: those of each table of a case, with their SQL types. ``shared``: tables of all cases.

    ``texts``: the models made from them, in this order. ``answered``: the models whose rows the ``reference``
    returns in full.
    """

    name: str
    columns: Mapping[str, Mapping[str, str]]
    texts: Mapping[str, str]
    answered: tuple[str, ...]
    cases: st.SearchStrategy[Case]
    apart: Callable[[Case, int], Case]
    reference: Callable[[Case], dict[str, Rows]]
    shared: Case = field(default_factory=dict)

    def all_apart(self, cases: Iterable[Case]) -> list[Case]:
        """Returns each case with persons of its own."""
        return [self.apart(case, number) for number, case in enumerate(cases, start=1)]

    def expected(self, cases: Iterable[Case]) -> Answers:
        """Returns the results of the reference, case by case."""
        told = [self.reference(case) for case in cases]
        return {
            name: in_order(row for each in told for row in each[name]) for name in self.answered
        }

    def asked(self, cases: Iterable[Case]) -> dict[str, Any]:
        """Returns the same as text, for an engine that may run elsewhere."""
        tables: dict[str, Rows] = {name: [*rows] for name, rows in self.shared.items()}
        for case in cases:
            for name, rows in case.items():
                tables.setdefault(name, []).extend(rows)
        return {
            "tables": {
                name: {
                    "columns": dict(columns),
                    "rows": [[_text(row[one]) for one in columns] for row in tables.get(name, [])],
                }
                for name, columns in self.columns.items()
            },
            "texts": dict(self.texts),
            "answered": [*self.answered],
        }


@cache
def examples(cases: st.SearchStrategy[Case], number: int) -> list[Case]:
    """Returns the same ``number`` of cases each time."""
    found: list[Case] = []

    @settings(
        max_examples=number, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
    )
    @given(cases)
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def days(most: int) -> st.SearchStrategy[date]:
    """Draws one of the first days of 2021."""
    return st.integers(0, most).map(lambda n: date(2021, 1, 1) + timedelta(days=n))


def maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Draws one of ``values``, or None."""
    return st.sampled_from([None, *values])
