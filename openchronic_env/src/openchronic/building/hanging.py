"""Lines that detail records of hospitals become events, and none is lost without a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.dealing import deal
from openchronic.building.leading import Leading
from openchronic.building.shared import show_unique
from openchronic.engines.text import sql

FOLDER = "hospital_event"
ORPHAN = "orphan"


@dataclass(frozen=True)
class Detail:
    """A table whose lines hang on records, and the query (``sql/hospital``) of what they say.

    ``host``: the query of what they hang on, where it is not the record of their product.
    """

    table: str
    query: str
    host: str = ""


@dataclass(frozen=True)
class Hung:
    """What became of the lines of a table that hang on others, and how many parts of events it made.

    ``to``: the table that they hang on. ``filtered``: by the filter that removed what they hang on,
    or why they are no event. A line may make several parts (a medical unit has two diagnoses), and
    several parts may be one event.
    """

    table: str
    to: str
    filtered: Mapping[str, int]
    orphans: int
    kept: int
    made: int

    def leading(self) -> Leading:
        """How many of the lines lead to what they hang on."""
        lines = self.orphans + self.kept + sum(self.filtered.values())
        return Leading(self.table, self.to, lines, self.orphans)


class Fates:
    """What is told of the lines of each table; years add up."""

    def __init__(self) -> None:
        self.lines: dict[str, Counter[str]] = {}
        self.made: Counter[str] = Counter()
        self.to: dict[str, str] = {}

    def add(
        self, table: str, to: str, fates: Iterable[tuple[str | None, int]], *, made: int
    ) -> None:
        """Count lines by fate (None: kept)."""
        self.to[table] = to
        counted = self.lines.setdefault(table, Counter())
        for fate, number in fates:
            counted[fate or ""] += number
        self.made[table] += made

    def told(self) -> tuple[Hung, ...]:
        """What was counted, by table."""
        return tuple(
            Hung(
                table=table,
                to=self.to[table],
                filtered={name: n for name, n in sorted(fates.items()) if name not in ("", ORPHAN)},
                orphans=fates[ORPHAN],
                kept=fates[""],
                made=self.made[table],
            )
            for table, fates in sorted(self.lines.items())
        )


def hang(
    context: Context,
    detail: Detail,
    files: list[Path],
    *,
    to: str,
    part: str,
    fates: Fates,
    duplicates: Counter[str],
    crossing: str = "",
) -> None:
    """Deal the events of the lines in ``files``, which hang on the rows of ``host``, made of ``to``.

    ``crossing``: as for ``deal_lines``.
    """
    table = detail.table
    duplicates[table] += show_unique(context, table, files)
    if detail.host:
        context.engine.scratch("host", sql(f"hospital/{detail.host}"))
    context.engine.view("detail", f"SELECT * FROM {table.lower()}")
    query = sql(f"hospital/{detail.query}")
    deal_lines(context, table, query, to=to, part=part, fates=fates, crossing=crossing)


def deal_lines(
    context: Context,
    table: str,
    query: str,
    *,
    to: str,
    part: str,
    fates: Fates,
    crossing: str = "",
) -> None:
    """Deal the events of the lines that ``query`` gives, those of ``table``.

    ``crossing``: a table of stays that several parts have lines of; those wait for ``deal_crossing``.
    """
    engine = context.engine
    engine.view("line", f"SELECT *, '{table}' AS source_table FROM ({query})")
    engine.scratch("hung", sql("hospital/hanging"))
    counted = engine.rows("SELECT fate, count(*) FROM hung WHERE part = 1 GROUP BY fate")
    (made,) = context.one("SELECT count(*) FROM hung WHERE fate IS NULL AND code IS NOT NULL")
    fates.add(table, to, [(fate, int(number)) for fate, number in counted], made=made)
    alone = "SELECT * FROM hung"
    if made and crossing:
        both = f"SELECT hung.* FROM hung {{}} JOIN {crossing} ON {crossing}.natural_key = hung.natural_key"
        engine.add(_crossing(table), part, f"{both.format('INNER')} WHERE fate IS NULL")
        alone = f"{both.format('LEFT')} WHERE {crossing}.natural_key IS NULL"
    engine.view("hanging", alone)
    if made:
        deal(context, sql("hospital/event"), context.place.private / FOLDER / f"{table}-{part}")
    engine.drop("line", "hanging", "hung")


def deal_crossing(context: Context, tables: Iterable[str], fates: Fates) -> None:
    """Deal the events of the lines of ``tables`` that waited, of all parts together."""
    for table in tables:
        if fates.made[table]:
            context.engine.view("hanging", f"SELECT * FROM {_crossing(table)}")
            folder = context.place.private / FOLDER / f"{table}-crossing"
            deal(context, sql("hospital/event"), folder)
            context.engine.drop("hanging")


def _crossing(table: str) -> str:
    return f"crossing_{table.lower()}"
