"""Lists what is lost without each table, the most serious loss first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import get_args

from openchronic.catalogue.claims import is_simplified
from openchronic.catalogue.reading import load_tables
from openchronic.catalogue.table import Level


@dataclass(frozen=True, slots=True)
class Needed:
    """A table whose absence matters. ``instead``: the table of DCIRS with the same content, "" when there is none."""

    table: str
    level: Level
    without: str
    instead: str

    @property
    def required(self) -> bool:
        return self.level == "required"

    def met_by(self, tables: Collection[str]) -> bool:
        """Returns whether ``tables`` hold the table, or the one that replaces it with the claims of DCIRS."""
        return self.table in tables or (is_simplified(tables) and self.instead in tables)


@cache
def needs() -> tuple[Needed, ...]:
    """Returns the tables whose absence matters, and what each absence costs."""
    found = [
        Needed(table.name, table.need.level, table.need.without, table.need.instead)
        for table in load_tables().values()
        if table.need
    ]
    levels = get_args(Level)
    return tuple(sorted(found, key=lambda one: levels.index(one.level)))
