"""Draws the flows between the steps of a cohort (Sankey)."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from openchronic.figures.drawing import (
    INK,
    LINE,
    MARGIN,
    Mark,
    document,
    marks,
    number,
    prefix_of,
    text,
    width_of,
    written,
)
from openchronic.figures.figure import Figure
from openchronic.figures.rows import relation_of
from openchronic.figures.sankey_layout import (
    WIDTH,
    Flow,
    Layout,
    Link,
    Node,
    flows_of,
    laid_out,
)
from openchronic.figures.tree import STOP, Tree
from openchronic.figures.words import GROUPED, percent, populated, whole

HEIGHT, HEAD, ROOM = 340.0, 26.0, 56.0


def sankey(
    connection: duckdb.DuckDBPyConnection, tree: Tree, *, title: str, told: Sequence[str] = ()
) -> Figure:
    """Returns the drawing of a protected tree; its data: step, source, target, n_periods, share_of_periods. ``told``: what
    is to be said below it."""
    flows = flows_of(tree)
    total = tree.root.n_periods
    description = _described(flows, tree)
    nodes = _labels(flows, total)
    layout = laid_out(flows, columns=_columns(nodes), scale=HEIGHT / max(total, 1))
    width = max(520.0, max((x for x in _right_edges(layout, total)), default=0.0) + MARGIN)
    prefix = prefix_of("sankey", title, flows, total)
    mark = marks(one.label for one in layout.nodes if one.kind == "step")
    notes = [GROUPED]
    if layout.links:
        notes.append(
            "Une bande qui s’interrompt\u00a0: le parcours finit là, ou la suite n’est pas montrée."
        )
    body = [*_heads(layout), *(_link(one, total) for one in layout.links)]
    body += [_node(one, mark, prefix, total) for one in layout.nodes]
    if not layout.nodes:
        body = [text("Trop peu de personnes pour montrer des suites.", MARGIN, HEAD)]
    drawn = document(
        prefix=prefix,
        title=title,
        subtitle=f"{populated(total, tree.root.n_subjects)}.",
        description=description,
        notes=(*notes, *told),
        width=width,
        height=HEAD + layout.height + 12,
        definitions=(one.definition(prefix) for one in mark.values()),
        body=body,
    )
    return Figure(title, description, _data(connection, flows, total), drawn, (*notes, *told))


def _data(
    connection: duckdb.DuckDBPyConnection, flows: Sequence[Flow], total: int
) -> duckdb.DuckDBPyRelation:
    return relation_of(
        connection,
        {
            "step": ("int64", [one.step for one in flows]),
            "source": ("string", [one.source for one in flows]),
            "target": ("string", [one.target for one in flows]),
            "n_periods": ("int64", [one.n_periods for one in flows]),
            "share_of_periods": ("float64", [one.n_periods / total for one in flows]),
        },
    )


def _described(flows: Sequence[Flow], tree: Tree) -> str:
    """Returns the finding in words: what most begin with, what they go on to."""
    total = tree.root.n_periods
    told = [f"Suites de traitements de {populated(total, tree.root.n_subjects)}."]
    first = [one for one in flows if one.step == 1][:3]
    if not first:
        return f"{told[0]} Trop peu de personnes pour en montrer."
    begun = ", ".join(f"{one.target} ({percent(one.n_periods / total)})" for one in first)
    told.append(f"Première étape\u00a0: {begun}.")
    later = [one for one in flows if one.step > 1 and one.kind == "step"]
    if later:
        most = max(later, key=lambda one: (one.n_periods, one.source, one.target))
        told.append(
            f"Changement le plus fréquent\u00a0: de {most.source} à {most.target} "
            f"({percent(most.n_periods / total)} du total)."
        )
    ended = sum(one.n_periods for one in flows if one.step > 1 and one.target == STOP)
    if ended:
        told.append(f"{STOP} montrée\u00a0: {percent(ended / total)}.")
    return " ".join(told)


def _labels(flows: Sequence[Flow], total: int) -> list[list[str]]:
    """Returns the texts beside the nodes of each step."""
    sizes: dict[tuple[int, str], int] = {}
    for one in flows:
        if one.kind != "stop" or one.step == 1:
            key = (one.step, one.target)
            sizes[key] = sizes.get(key, 0) + one.n_periods
    last = max((step for step, _ in sizes), default=0)
    return [
        [_said(label, n, total) for (at, label), n in sizes.items() if at == step]
        for step in range(1, last + 1)
    ]


def _said(label: str, n_periods: int, total: int) -> str:
    return f"{label}\u00a0: {whole(n_periods)} ({percent(n_periods / total)})"


def _columns(labels: Sequence[Sequence[str]]) -> list[float]:
    """Returns the left edge of each step: its texts end before the next one begins."""
    edges = [float(MARGIN)]
    for said in labels:
        edges.append(edges[-1] + WIDTH + 6 + max(map(width_of, said)) + ROOM)
    return edges[:-1] if labels else []


def _right_edges(layout: Layout, total: int) -> list[float]:
    return [
        one.x + WIDTH + 6 + width_of(_said(one.label, one.n_periods, total)) for one in layout.nodes
    ]


def _heads(layout: Layout) -> list[str]:
    edges = {one.step: one.x for one in layout.nodes}
    return [text(f"Étape\u00a0{step}", x, 12, bold=True) for step, x in sorted(edges.items())]


def _node(node: Node, mark: dict[str, Mark], prefix: str, total: int) -> str:
    said = _said(node.label, node.n_periods, total)
    fill = (
        mark[node.label].fill(prefix) if node.label in mark and node.kind == "step" else "#ffffff"
    )
    return (
        f'<g><title>{written(said)}</title><rect x="{number(node.x)}" y="{number(HEAD + node.y)}" '
        f'width="{number(WIDTH)}" height="{node.height:.2f}" fill="{fill}" stroke="{INK}" stroke-width="0.8"/>'
        + text(said, node.x + WIDTH + 6, HEAD + node.y + node.height / 2 + 4, halo=True)
        + "</g>"
    )


def _link(link: Link, total: int) -> str:
    """Returns a band that bends in the middle."""
    half = (link.x_start + link.x_end) / 2
    top, end = HEAD + link.start, HEAD + link.end
    low, end_low = top + link.height, end + link.height
    said = f"{link.flow.source} → {_said(link.flow.target, link.flow.n_periods, total)}"
    return (
        f'<path d="M{number(link.x_start)} {top:.2f}C{number(half)} {top:.2f} {number(half)} {end:.2f} '
        f"{number(link.x_end)} {end:.2f}V{end_low:.2f}C{number(half)} {end_low:.2f} {number(half)} {low:.2f} "
        f'{number(link.x_start)} {low:.2f}Z" fill="{LINE}" fill-opacity="0.22" stroke="{LINE}" '
        f'stroke-width="0.8"><title>{written(said)}</title></path>'
    )
