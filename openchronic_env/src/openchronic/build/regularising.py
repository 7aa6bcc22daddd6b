"""Counts the claim lines that netting removed: cancellations and the lines that they cancel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass

from openchronic.build.figures import Counted


@dataclass(frozen=True)
class Netted:
    """Lines summed by patient, day, code, role, executor and prescriber: what the netting removed.

    ``lines`` made the ``sums`` that were dropped, ``without_quantity`` of them without any cancellation;
    ``cancelling_lines`` are the negative lines of all sums; ``reduced`` sums include some, or are cancelled in
    part by others, and stay positive. ``below_zero``: sums that cancel more than was delivered, whoever the
    executor is.
    """

    lines: int = 0
    sums: int = 0
    without_quantity: int = 0
    cancelling_lines: int = 0
    reduced: int = 0
    below_zero: int = 0

    def __add__(self, other: Netted) -> Netted:
        return Netted(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Regularised:
    """What the netting removed of the lines of each table (named as in DCIR).

    ``cost_lines``: negative lines of ``cost``, where nothing is summed.
    """

    tables: Mapping[str, Netted]
    cost_lines: int

    def of(self, table: str) -> Netted:
        """Returns the netting of one table; zeros where it had no line."""
        return self.tables.get(table, Netted())

    def record(self) -> dict[str, int]:
        """Returns the figures of all tables together."""
        return asdict(sum(self.tables.values(), Netted())) | {"cost_lines": self.cost_lines}


def regularised_of(counted: Counted) -> Regularised:
    """Returns the counted netting, by the table of the lines."""
    tables: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (table, figure), number in counted.below("netted"):
        tables[table][figure] = int(number)
    return Regularised(
        {table: Netted(**figures) for table, figures in tables.items()},
        int(counted.number("negative cost lines")),
    )
