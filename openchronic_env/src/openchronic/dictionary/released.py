"""The tables of a release as data: the meaning of a row, and each column's meaning, unit and source, in French."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from openchronic.catalogue import load_tables
from openchronic.models.delivery import every_table
from openchronic.models.filters.filter import load_filters
from openchronic.models.graph import graph_of
from openchronic.models.model import Model, Node, Source
from openchronic.models.release.event_types import load_event_types

# In a cell of ``release_tables.csv``: all that lead to the table.
ALL = "*"


@dataclass(frozen=True, slots=True)
class ReleaseColumn:
    """One column. ``sources``: the delivered columns, ``TABLE.COLUMN``, that it is made from."""

    name: str
    type: str
    unit: str
    sources: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class ReleaseTable:
    """One table. ``row``: what one row is; ``steps``: those whose filters decide its content."""

    name: str
    row: str
    key: tuple[str, ...]
    order: str
    steps: tuple[str, ...]
    sources: tuple[str, ...]
    use: str
    columns: tuple[ReleaseColumn, ...]

    @property
    def filters(self) -> tuple[str, ...]:
        """The rules that are on by default in some of its steps."""
        on = sorted((one for one in load_filters() if one.on), key=lambda one: one.order)
        return tuple(dict.fromkeys(one.rule for one in on if one.step in self.steps))


@cache
def load_release_tables() -> Mapping[str, ReleaseTable]:
    """Returns every table that a release may have, by name."""
    columns: dict[str, list[ReleaseColumn]] = {}
    for row in _rows("release_columns.csv"):
        columns.setdefault(row["table"], []).append(
            ReleaseColumn(
                name=row["column"],
                type=row["type"],
                unit=row["unit"],
                sources=tuple(row["sources"].split()),
                meaning=row["meaning"],
            )
        )
    return MappingProxyType(
        {
            row["table"]: ReleaseTable(
                name=row["table"],
                row=row["row"],
                key=tuple(row["key"].split()),
                order=row["order"],
                steps=_chosen(row, "steps", steps_of),
                sources=_chosen(row, "sources", sources_of),
                use=row["use"],
                columns=tuple(columns[row["table"]]),
            )
            for row in _rows("release_tables.csv")
        }
    )


def sources_of(table: str) -> tuple[str, ...]:
    """The delivered tables that lead to ``table`` in the graph of a build, in the order of the catalogue."""
    read = {
        name
        for node in _what_leads_to(table)
        if isinstance(node, Source)
        for name in (node.table, *node.also)
    }
    return tuple(name for name in load_tables() if name in read)


def steps_of(table: str) -> tuple[str, ...]:
    """The steps whose filters judge what leads to ``table``, in the order of a build."""
    judged = (one.filters for one in _what_leads_to(table) if isinstance(one, Model))
    return tuple(dict.fromkeys(step for step in judged if step))


def _what_leads_to(table: str) -> list[Node]:
    graph = graph_of(every_table())
    models = (node for node in graph.nodes() if isinstance(node, Model))
    return graph.needed(one.name for one in models if one.writes and one.writes.table == table)


def _chosen(
    row: Mapping[str, str], cell: str, every: Callable[[str], tuple[str, ...]]
) -> tuple[str, ...]:
    return every(row["table"]) if row[cell] == ALL else tuple(row[cell].split())


@cache
def event_types() -> Mapping[str, str]:
    """Returns every event type that a release may have, with its name in French."""
    return MappingProxyType({one.name: one.label for one in load_event_types().values()})


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (resources.files(__package__) / name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter=";")
