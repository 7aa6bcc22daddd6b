"""Whether the lines of one delivered table lead to a line of another: counted, so that none is lost."""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.catalogue import load_tables
from openchronic.models.model import ForeignKey

FOREIGN_KEY = "foreign key"


@dataclass(frozen=True)
class OrphanCount:
    """Lines of a delivered table, those of a same key once; ``orphans`` of them lead to none of ``to``."""

    table: str
    to: str
    lines: int
    orphans: int


def count_orphans(context: Context, leads: ForeignKey, counted: Counted) -> None:
    """Look for each line of a view in the other by the key that both have.

    A column that deliveries did not always have is as empty on both sides.
    """
    late = {one.name for one in load_tables()[leads.names[0]].columns if one.since}
    # The costlier comparison only where it changes anything.
    same = " AND ".join(
        f"d.{one} {'IS NOT DISTINCT FROM' if one in late else '='} t.{one}"
        for one in shared_key(leads.table, leads.to)
    )
    view, to = leads.reads
    (lines,) = context.one(f"SELECT count(*) FROM {view}")
    (found,) = context.one(f"SELECT count(*) FROM {view} AS d SEMI JOIN {to} AS t ON {same}")
    counted.add((FOREIGN_KEY, *leads.names, "found"), found)
    counted.add((FOREIGN_KEY, *leads.names, "orphans"), lines - found)


def orphan_counts(counted: Counted) -> list[OrphanCount]:
    """What was found, by table."""
    pairs = sorted({(table, to) for (table, to, _), _ in counted.below(FOREIGN_KEY)})
    return [
        OrphanCount(
            *pair,
            int(counted.total(FOREIGN_KEY, *pair)),
            int(counted.number(FOREIGN_KEY, *pair, "orphans")),
        )
        for pair in pairs
    ]


def shared_key(table: str, to: str) -> list[str]:
    """The columns of the key of ``to`` that are in the key of ``table`` too."""
    return [column for column in load_tables()[to].key if column in load_tables()[table].key]
