"""Places the flows between the steps of a cohort: a column a step, the largest treatments first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openchronic.figures.tree import Kind, Tree

# Nodes of one column, so that a line of text has its place beside each.
GAP, LEAST_SLOT, WIDTH = 6.0, 20.0, 14.0
Key = tuple[int, str]


@dataclass(frozen=True)
class Flow:
    """Periods that go from a treatment of one step to what comes next; ``source`` is empty before the first step."""

    step: int
    source: str
    target: str
    kind: Kind
    n_periods: int


@dataclass(frozen=True)
class Node:
    """What a step holds. ``x`` and ``y``: its upper left corner."""

    step: int
    label: str
    kind: Kind
    n_periods: int
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Link:
    """A flow that is drawn: from ``start`` on the right edge of its source to ``end`` on the left one of its target."""

    flow: Flow
    x_start: float
    start: float
    x_end: float
    end: float
    height: float


@dataclass(frozen=True)
class Layout:
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    height: float


def flows_of(tree: Tree) -> list[Flow]:
    """Returns the flows, ends of paths included, by step, the largest first."""
    counted: dict[tuple[int, str, str, Kind], int] = {}
    for before, one in tree.walk():
        key = (len(before) + 1, before[-1].label if before else "", one.label, one.kind)
        counted[key] = counted.get(key, 0) + one.n_periods
    found = [Flow(*key, n_periods) for key, n_periods in counted.items()]
    return sorted(found, key=lambda one: (one.step, -one.n_periods, one.source, one.target))


def laid_out(flows: Sequence[Flow], *, columns: Sequence[float], scale: float) -> Layout:
    """Returns where each node and link is. ``columns``: the left edge of each step; ``scale``: pixels a period."""
    # The end of a path is what leaves its treatment and goes nowhere, but for who has none at all.
    drawn = [one for one in flows if one.kind != "stop" or one.step == 1]
    nodes = {
        (one.step, one.label): one
        for step in range(1, len(columns) + 1)
        for one in _column(drawn, step, columns[step - 1], scale)
    }
    links = tuple(_links(drawn, nodes, scale))
    # The slot of a thin node is higher than the node.
    bottom = max((one.y + max(one.height, LEAST_SLOT) for one in nodes.values()), default=0.0)
    return Layout(tuple(nodes.values()), links, bottom)


def _column(flows: Iterable[Flow], step: int, x: float, scale: float) -> Iterable[Node]:
    kinds: dict[str, Kind] = {}
    sizes: dict[str, int] = {}
    for one in flows:
        if one.step == step:
            kinds[one.target] = one.kind
            sizes[one.target] = sizes.get(one.target, 0) + one.n_periods
    top = 0.0
    for label in sorted(sizes, key=lambda one: (kinds[one] != "step", -sizes[one], one)):
        height = sizes[label] * scale
        slot = max(height, LEAST_SLOT)
        yield Node(step, label, kinds[label], sizes[label], x, top + (slot - height) / 2, height)
        top += slot + GAP


def _links(flows: Iterable[Flow], nodes: Mapping[Key, Node], scale: float) -> Iterable[Link]:
    """Yields the links, those of a node in the order of what is at their other end, so that they cross little."""
    between = [one for one in flows if one.step > 1]
    ends: dict[Flow, tuple[Node, Node]] = {
        one: (nodes[one.step - 1, one.source], nodes[one.step, one.target]) for one in between
    }
    starts = _stacked(
        between,
        {one: ends[one][0] for one in between},
        {one: ends[one][1].y for one in between},
        scale,
    )
    arrivals = _stacked(
        between,
        {one: ends[one][1] for one in between},
        {one: ends[one][0].y for one in between},
        scale,
    )
    for one in between:
        source, target = ends[one]
        yield Link(
            one, source.x + WIDTH, starts[one], target.x, arrivals[one], one.n_periods * scale
        )


def _stacked(
    flows: Iterable[Flow], at: Mapping[Flow, Node], order: Mapping[Flow, float], scale: float
) -> dict[Flow, float]:
    """Returns the upper edge of each flow at its node, one below another."""
    filled: dict[Key, float] = {}
    tops: dict[Flow, float] = {}
    for one in sorted(flows, key=lambda flow: (order[flow], flow.source, flow.target)):
        node = at[one]
        key = (node.step, node.label)
        tops[one] = node.y + filled.get(key, 0.0)
        filled[key] = filled.get(key, 0.0) + one.n_periods * scale
    return tops
