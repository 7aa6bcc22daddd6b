"""Counts the detail lines of hospital records by their outcome: none is lost without a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from openchronic.build.figures import Counted
from openchronic.build.foreign_keys import OrphanCount

ORPHAN = "orphan"


@dataclass(frozen=True)
class DetailCount:
    """The lines of a detail table by their outcome, and the number of event parts that they make.

    ``to``: the table of their records. ``filtered``: the lines that make no event, by the filter that removed
    their record or by another reason. A line may make several parts (a medical unit has two diagnoses), and
    several parts may be one event.
    """

    table: str
    to: str
    filtered: Mapping[str, int]
    orphans: int
    kept: int
    made: int

    def orphans_of(self) -> OrphanCount:
        """Returns how many of the lines have a record."""
        lines = self.orphans + self.kept + sum(self.filtered.values())
        return OrphanCount(self.table, self.to, lines, self.orphans)


def detail_counts(counted: Counted) -> tuple[DetailCount, ...]:
    """Returns the counts by table."""
    fates: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (table, to, fate), number in counted.below("fate"):
        fates[table, to][fate or ""] = int(number)
    return tuple(
        DetailCount(
            table=table,
            to=to,
            filtered={name: n for name, n in sorted(found.items()) if name not in ("", ORPHAN)},
            orphans=found.get(ORPHAN, 0),
            kept=found.get("", 0),
            made=int(counted.total("made", table)),
        )
        for (table, to), found in sorted(fates.items())
    )
