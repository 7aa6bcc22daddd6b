"""The counts of a build: numbers and last days by key, added over its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Number = int | Decimal
Key = tuple[Any, ...]


@dataclass
class Counted:
    """Numbers by key, last days by key.

    ``shapes``: the columns of tables that are written by bucket; ``conflicts``: of the lines of a file that share
    their key with another line, how many there are and how many are not read, by table, typed file and lines looked at.
    """

    numbers: dict[Key, Number] = field(default_factory=dict)
    days: dict[Key, date] = field(default_factory=dict)
    shapes: dict[str, dict[str, str]] = field(default_factory=dict)
    conflicts: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)

    def add(self, key: Key, value: Number | date | None) -> None:
        """Adds a number, or keeps the later of two days; ignores None."""
        if isinstance(value, date):
            self.days[key] = max(value, self.days.get(key, value))
        elif value is not None:
            self.numbers[key] = self.numbers.get(key, 0) + value

    def add_rows(
        self, key: tuple[str, ...], rows: Iterable[Sequence[Any]], names: Sequence[str] = ()
    ) -> None:
        """Adds rows of labels and one value, or one value for each of ``names``."""
        for row in rows:
            if names:
                labels, values = row[: -len(names)], row[-len(names) :]
                for name, value in zip(names, values, strict=True):
                    self.add((*key, *labels, name), value)
            else:
                self.add((*key, *row[:-1]), row[-1])

    def join(self, other: Counted) -> None:
        """Adds the counts of another part of the build."""
        for key, number in other.numbers.items():
            self.add(key, number)
        for key, day in other.days.items():
            self.add(key, day)
        self.shapes |= other.shapes
        self.conflicts |= other.conflicts

    def number(self, *key: Any) -> Number:
        """Returns the number of ``key``, 0 where nothing was counted."""
        return self.numbers.get(key, 0)

    def below(self, *key: Any) -> Iterator[tuple[Key, Number]]:
        """Yields the numbers whose key begins with ``key``, each with the rest of its key."""
        for one, number in self.numbers.items():
            if one[: len(key)] == key and len(one) > len(key):
                yield one[len(key) :], number

    def total(self, *key: Any) -> Number:
        """Returns the sum of the numbers whose key begins with ``key``."""
        return sum((number for _, number in self.below(*key)), start=0)
