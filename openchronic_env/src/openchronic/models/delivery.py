"""What the models need to know of a delivery: its tables, and whether birth ranks are missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from openchronic.catalogue import is_simplified, load_tables
from openchronic.catalogue.claims import SIMPLIFIED_PRODUCT, delivered_name


@dataclass(frozen=True)
class Delivery:
    """``tables``: the names of the delivered tables. ``lacks_rank``: whether some file of persons or claims has
    no birth rank; ``people_lack_rank``: whether one of persons has none."""

    tables: frozenset[str]
    lacks_rank: bool = False
    people_lack_rank: bool = False

    def has(self, *tables: str) -> bool:
        """Returns whether all of ``tables`` are delivered."""
        return all(one in self.tables for one in tables)

    @property
    def simplified(self) -> bool:
        """Returns whether the claims come from DCIRS alone."""
        return is_simplified(self.tables)

    def delivered(self, table: str) -> str:
        """Returns the delivered table that has the content of ``table`` of DCIR."""
        return delivered(self.tables, table)


def every_table() -> Delivery:
    """Returns a delivery of all tables that a build reads, as DCIR: the graph is drawn from it without a folder."""
    return Delivery(
        frozenset(one.name for one in load_tables().values() if one.product != SIMPLIFIED_PRODUCT)
    )


def delivered(tables: Collection[str], table: str) -> str:
    """Returns the one of ``tables`` that has the content of ``table`` of DCIR."""
    return delivered_name(table, simplified=is_simplified(tables))
