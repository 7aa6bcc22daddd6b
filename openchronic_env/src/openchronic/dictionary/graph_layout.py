"""Lays out the graph of a build: one band per stage, with columns by the order in which models read each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from openchronic.models.graph import Graph, names_of
from openchronic.models.model import ForeignKey, Given, Model, Node, Released, Source, Stage

# Gathered: a table to which several models add rows.
Kind = Literal["model", "released", "delivered", "given", "check", "gathered"]
Arrow = tuple[str, str]
LETTER, MARGIN = 6.7, 16
HEIGHT, ROW, COLUMN, TITLE, BAND = 20, 28, 70, 26, 18


@dataclass(frozen=True)
class Box:
    """The box of one name. ``x`` and ``y`` are the position of its upper left corner."""

    name: str
    kind: Kind
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        """The vertical position of its middle."""
        return self.y + HEIGHT / 2


@dataclass(frozen=True)
class Band:
    """The band of one stage. ``y`` is the position of its upper edge."""

    stage: Stage
    y: float
    boxes: tuple[Box, ...]


def kind_of(node: Node) -> Kind:
    """Returns the kind of the box of ``node``."""
    if isinstance(node, Source):
        return "delivered"
    if isinstance(node, Given):
        return "given"
    if isinstance(node, ForeignKey):
        return "check"
    return "released" if isinstance(node, Released) or node.writes else "model"


def arrows(graph: Graph) -> Iterator[Arrow]:
    """Yields the arrows: from a name to the node that reads it, and from a model to the tables that it adds rows to."""
    for node in graph.nodes():
        yield from ((name, node.name) for name in node.reads)
        yield from ((node.name, name) for name in names_of(node) if name != node.name)


def kinds(graph: Graph) -> Mapping[str, Mapping[str, Kind]]:
    """Returns the names of each stage, with their kind.

    A gathered table belongs to the last stage that adds rows to it, so that arrows point forward. One that no stage
    adds to, because its delivered table is absent, belongs to the first stage that reads it.
    """
    found: dict[str, dict[str, Kind]] = {stage.name: {} for stage in graph.stages}
    gathered: dict[str, str] = {}
    for stage in graph.stages:
        for node in stage.nodes:
            found[stage.name][node.name] = kind_of(node)
            if isinstance(node, Model):
                gathered |= dict.fromkeys(filter(None, (node.adds, node.by_bucket)), stage.name)
            for name in node.reads:
                if name not in graph.makers:
                    gathered.setdefault(name, stage.name)
    for name, stage_name in gathered.items():
        found[stage_name][name] = "gathered"
    return found


def bands(graph: Graph) -> tuple[Band, ...]:
    """Returns the bands of the stages from the top down, with boxes that do not overlap."""
    every = list(arrows(graph))
    by_stage = kinds(graph)
    made: list[Band] = []
    top = 0.0
    for stage in graph.stages:
        names = by_stage[stage.name]
        columns = _columns(names, every)
        boxes = tuple(_placed(columns, names, top + TITLE))
        made.append(Band(stage, top, boxes))
        top += TITLE + max(len(one) for one in columns) * ROW + BAND
    return tuple(made)


def size(drawn: Iterable[Band]) -> tuple[float, float]:
    """Returns the width and the height of the drawing of the bands."""
    boxes = [box for band in drawn for box in band.boxes]
    return max(one.x + one.width for one in boxes) + MARGIN, max(
        one.y for one in boxes
    ) + ROW + BAND


def _columns(names: Iterable[str], every: Iterable[Arrow]) -> list[list[str]]:
    """Returns the names of a stage by column: the longest path to them in the stage. In a column, the order follows
    that of the names that they read."""
    names = list(names)
    reads: dict[str, list[str]] = {name: [] for name in names}
    for start, end in every:
        if start in reads and end in reads:
            reads[end].append(start)
    depth: dict[str, int] = {}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((deep(one) for one in reads[name]), default=-1)
        return depth[name]

    columns: list[list[str]] = [[] for _ in range(1 + max(map(deep, names)))]
    for name in names:
        columns[deep(name)].append(name)
    place: dict[str, float] = {}
    for column in columns:
        column.sort(key=lambda name: _mean([place[one] for one in reads[name]]))
        place |= {name: row for row, name in enumerate(column)}
    return columns


def _mean(places: list[float]) -> float:
    return sum(places) / len(places) if places else 0.0


def _placed(columns: list[list[str]], names: Mapping[str, Kind], top: float) -> Iterator[Box]:
    left = float(MARGIN)
    for column in columns:
        width = max(len(name) for name in column) * LETTER + MARGIN
        for row, name in enumerate(column):
            yield Box(name, names[name], left, top + row * ROW, width)
        left += width + COLUMN
