"""What a build counts: numbers by what they are of, and last days; parts of a build add up."""

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
    """Numbers by key, last days by key; ``shapes``: the columns of tables that are written by bucket."""

    numbers: dict[Key, Number] = field(default_factory=dict)
    days: dict[Key, date] = field(default_factory=dict)
    shapes: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, key: Key, value: Number | date | None) -> None:
        """Add a number, or see whether a day is later; nothing that is not known."""
        if isinstance(value, date):
            self.days[key] = max(value, self.days.get(key, value))
        elif value is not None:
            self.numbers[key] = self.numbers.get(key, 0) + value

    def add_rows(
        self, key: tuple[str, ...], rows: Iterable[Sequence[Any]], names: Sequence[str] = ()
    ) -> None:
        """Add rows of labels and one value, or a value for each of ``names``."""
        for row in rows:
            if names:
                labels, values = row[: -len(names)], row[-len(names) :]
                for name, value in zip(names, values, strict=True):
                    self.add((*key, *labels, name), value)
            else:
                self.add((*key, *row[:-1]), row[-1])

    def join(self, other: Counted) -> None:
        """Add what another part of the build counted."""
        for key, number in other.numbers.items():
            self.add(key, number)
        for key, day in other.days.items():
            self.add(key, day)
        self.shapes |= other.shapes

    def number(self, *key: Any) -> Number:
        """The number of ``key``, 0 where nothing was counted."""
        return self.numbers.get(key, 0)

    def below(self, *key: Any) -> Iterator[tuple[Key, Number]]:
        """The numbers whose key begins so: the rest of it, and each."""
        for one, number in self.numbers.items():
            if one[: len(key)] == key and len(one) > len(key):
                yield one[len(key) :], number

    def total(self, *key: Any) -> Number:
        """The sum of those."""
        return sum((number for _, number in self.below(*key)), start=0)
