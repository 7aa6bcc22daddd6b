"""Chooses between yearly and monthly states of the PMSI: one state is read for each year.

The state of a month holds the year from January to that month (ATIH, statistiques MCO: files add up the
activity since the beginning of the year), and numbers the stays anew (Formation PMSI CNAM 2020): two states of
one year would count each stay twice, and the lines of one have no stay in the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from openchronic.catalogue import load_tables


class State(Protocol):
    """A file of a table. ``month``: that of a state within the year, None for the whole year."""

    @property
    def name(self) -> str: ...
    @property
    def year(self) -> int | None: ...
    @property
    def month(self) -> int | None: ...


@dataclass(frozen=True)
class Provisional:
    """A year of a product of which a state within the year is read: the next state will replace it."""

    product: str
    year: int | None
    month: int
    tables: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Returns whether it holds the care of all months: its stays are numbered anew all the same."""
        return self.month == LAST_MONTH

    @property
    def sentence(self) -> str:
        """Says to operators what it is, and what it costs."""
        return (
            f"{self.product} {self.year} is provisional: the state of month {self.month:02} "
            f"({', '.join(self.tables)}); its patient numbers may change, its stays are numbered anew in the next "
            "state, and care after that month is not in it"
        )


LAST_MONTH = 12
File = TypeVar("File", bound=State)
Files = Mapping[str, tuple[File, ...]]


def one_state_a_year(
    tables: Mapping[str, tuple[File, ...]],
) -> tuple[dict[str, tuple[File, ...]], list[str]]:
    """Returns ``tables`` with one state per product and year; sentences on states left aside."""
    chosen = _chosen(tables)
    kept: dict[str, tuple[File, ...]] = {}
    aside: list[str] = []
    for table, files in tables.items():
        declared = load_tables()[table]
        stays = []
        for file in files:
            month = chosen.get((declared.product, file.year))
            if not declared.of_hospitals or file.month == month:
                stays.append(file)
            else:
                aside.append(
                    f"{file.name}: a state of {file.year} within the year, left aside: "
                    + ("that of the whole year is here" if month is None else f"month {month:02} holds more")
                )  # fmt: skip
        if stays:
            kept[table] = tuple(stays)
    return kept, aside


def provisional(tables: Mapping[str, Iterable[State]]) -> tuple[Provisional, ...]:
    """Returns the years of which ``tables`` hold a state within the year, by product."""
    found: dict[tuple[str, int | None, int], set[str]] = {}
    for table, files in tables.items():
        declared = load_tables()[table]
        for file in files:
            if declared.of_hospitals and file.month is not None:
                found.setdefault((declared.product, file.year, file.month), set()).add(table)
    return tuple(
        Provisional(*which, tuple(sorted(names))) for which, names in sorted(found.items(), key=str)
    )


def _chosen(
    tables: Mapping[str, tuple[File, ...]],
) -> dict[tuple[str, int | None], int | None]:
    """Returns the state to read for each product and year: the whole year, else the last month."""
    chosen: dict[tuple[str, int | None], int | None] = {}
    for table, files in tables.items():
        product = load_tables()[table].product
        for file in files:
            which = product, file.year
            if which not in chosen:
                chosen[which] = file.month
            elif file.month is None or chosen[which] is None:
                chosen[which] = None
            else:
                chosen[which] = max(file.month, chosen[which] or 0)
    return chosen
