"""Whether the lines of one delivered table lead to a line of another: counted, so that none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from openchronic.building.context import Context
from openchronic.catalogue import load_tables


@dataclass(frozen=True)
class Leading:
    """Lines of a delivered table, those of a same key once; ``orphans`` of them lead to none of ``to``."""

    table: str
    to: str
    lines: int
    orphans: int


class Led(Counter[tuple[str, str, bool]]):
    """Lines by delivered table, table that they lead to, and whether they do; months add up."""

    def look(
        self, context: Context, view: str, to: str, *, key: Iterable[str], names: tuple[str, str]
    ) -> None:
        """Look for each line of ``view`` in ``to`` by ``key``. ``names``: both as delivered.

        A column that deliveries did not always have is as empty on both sides.
        """
        late = {one.name for one in load_tables()[names[0]].columns if one.since}
        # The costlier comparison only where it changes anything.
        same = " AND ".join(
            f"d.{one} {'IS NOT DISTINCT FROM' if one in late else '='} t.{one}" for one in key
        )
        (lines,) = context.one(f"SELECT count(*) FROM {view}")
        (found,) = context.one(f"SELECT count(*) FROM {view} AS d SEMI JOIN {to} AS t ON {same}")
        self.note(names, lines=lines, orphans=lines - found)

    def note(self, names: tuple[str, str], *, lines: int, orphans: int) -> None:
        """Add lines of ``names``: table and table that they lead to, both as delivered."""
        self[*names, True] += lines - orphans
        self[*names, False] += orphans

    def told(self) -> tuple[Leading, ...]:
        """What was found, by table."""
        pairs = sorted({(table, to) for table, to, _ in self})
        return tuple(
            Leading(*pair, self[*pair, True] + self[*pair, False], self[*pair, False])
            for pair in pairs
        )


def shared_key(table: str, to: str) -> list[str]:
    """The columns of the key of ``to`` that are in the key of ``table`` too."""
    return [column for column in load_tables()[to].key if column in load_tables()[table].key]
