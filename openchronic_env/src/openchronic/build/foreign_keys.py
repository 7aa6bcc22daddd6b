"""Counts the orphans of foreign keys between delivered tables."""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.build.figures import Counted
from openchronic.catalogue import load_tables
from openchronic.models.model import Count, ForeignKey

FOREIGN_KEY = "foreign key"


@dataclass(frozen=True)
class OrphanCount:
    """Orphans of one foreign key: ``orphans`` of the lines of a table have no line of ``to``; equal keys count
    once."""

    table: str
    to: str
    lines: int
    orphans: int


def orphans_of(leads: ForeignKey) -> Count:
    """Returns the count of the lines of a view whose key is in the other view, and of those whose key is missing there.

    A column that not every delivery has counts as empty on both sides.
    """
    late = {one.name for one in load_tables()[leads.names[0]].columns if one.since}
    # The NULL-safe comparison costs more: it is used only where a column may be NULL.
    same = " AND ".join(
        f"d.{one} {'IS NOT DISTINCT FROM' if one in late else '='} t.{one}"
        for one in shared_key(leads.table, leads.to)
    )
    if load_tables()[leads.table].period == "year":
        # The number of a stay is its own within a year.
        same += " AND coalesce(d.file_year, 0) = coalesce(t.file_year, 0)"
    view, to = leads.reads
    query = (
        "SELECT found.n, every.n - found.n "
        f"FROM (SELECT count(*) AS n FROM {view} AS d SEMI JOIN {to} AS t ON {same}) AS found "
        f"CROSS JOIN (SELECT count(*) AS n FROM {view}) AS every"
    )
    return Count((FOREIGN_KEY, *leads.names), query, names=("found", "orphans"))


def orphan_counts(counted: Counted) -> list[OrphanCount]:
    """Returns the orphan counts by table."""
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
    """Returns the columns of the key of ``to`` that are in the key of ``table`` too."""
    return [column for column in load_tables()[to].key if column in load_tables()[table].key]
