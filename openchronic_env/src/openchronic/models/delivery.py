"""What is delivered, as far as the models depend on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from openchronic.delivery.finding import needs
from openchronic.schema import load_tables


@dataclass(frozen=True)
class Delivery:
    """``tables``: their names. ``lacks_rank``: some file of persons or claims has no birth rank;
    ``people_lack_rank``: one of persons."""

    tables: frozenset[str]
    lacks_rank: bool = False
    people_lack_rank: bool = False

    def has(self, *tables: str) -> bool:
        """Whether all of ``tables`` are there."""
        return all(one in self.tables for one in tables)

    @property
    def simplified(self) -> bool:
        """Whether the claims come from DCIRS alone."""
        return is_simplified(self.tables)

    def delivered(self, table: str) -> str:
        """The delivered table that holds what ``table`` of DCIR would."""
        return delivered(self.tables, table)


def every_table() -> Delivery:
    """A delivery of all that a build reads, as DCIR: what the graph is drawn of without a folder."""
    return Delivery(frozenset(name for name in load_tables() if not name.startswith("NS_")))


def is_simplified(tables: Collection[str]) -> bool:
    """Whether the claims come from DCIRS alone."""
    return "NS_PRS_F" in tables and "ER_PRS_F" not in tables


def delivered(tables: Collection[str], table: str) -> str:
    """The one of ``tables`` that holds what ``table`` of DCIR would."""
    if not is_simplified(tables):
        return table
    return next((need.instead for need in needs() if need.table == table), table)
