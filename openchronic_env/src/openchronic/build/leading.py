"""Whether the lines of one delivered table lead to a line of another: counted, so that none is lost."""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.catalogue import load_tables
from openchronic.models.model import Leads

LEADING = "leading"


@dataclass(frozen=True)
class Leading:
    """Lines of a delivered table, those of a same key once; ``orphans`` of them lead to none of ``to``."""

    table: str
    to: str
    lines: int
    orphans: int


def count_leading(context: Context, leads: Leads, counted: Counted) -> None:
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
    counted.add((LEADING, *leads.names, "found"), found)
    counted.add((LEADING, *leads.names, "orphans"), lines - found)


def leading_of(counted: Counted) -> list[Leading]:
    """What was found, by table."""
    pairs = sorted({(table, to) for (table, to, _), _ in counted.below(LEADING)})
    return [
        Leading(
            *pair,
            int(counted.total(LEADING, *pair)),
            int(counted.number(LEADING, *pair, "orphans")),
        )
        for pair in pairs
    ]


def shared_key(table: str, to: str) -> list[str]:
    """The columns of the key of ``to`` that are in the key of ``table`` too."""
    return [column for column in load_tables()[to].key if column in load_tables()[table].key]
