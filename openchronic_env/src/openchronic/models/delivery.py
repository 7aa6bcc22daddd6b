"""What is delivered, as far as the models depend on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from openchronic.catalogue import is_simplified, load_tables
from openchronic.catalogue.claims import SIMPLIFIED_PRODUCT, delivered_name


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
    return Delivery(
        frozenset(one.name for one in load_tables().values() if one.product != SIMPLIFIED_PRODUCT)
    )


def delivered(tables: Collection[str], table: str) -> str:
    """The one of ``tables`` that holds what ``table`` of DCIR would."""
    return delivered_name(table, simplified=is_simplified(tables))
