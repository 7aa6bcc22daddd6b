"""Draws the steps of a cohort on rings (sunburst), with a numbered key."""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb

from openchronic.figures.drawing import (
    INK,
    LINE_HEIGHT,
    MARGIN,
    PAPER,
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
from openchronic.figures.sunburst_layout import INNER, RING, Sector, point, sectors_of
from openchronic.figures.tree import Tree
from openchronic.figures.words import GROUPED, percent, populated, whole

INDENT, SWATCH = 14.0, 11.0
# A whole ring is drawn as two halves: an arc from a point to itself is none.
WHOLE = math.tau - 1e-9


def sunburst(
    connection: duckdb.DuckDBPyConnection, tree: Tree, *, title: str, told: Sequence[str] = ()
) -> Figure:
    """Returns the drawing of a protected tree; its data: number, ring, path, label, n_periods, share_of_periods. ``told``:
    what is to be said below it."""
    sectors = sectors_of(tree)
    total = tree.root.n_periods
    description = _described(sectors, tree)
    mark = marks(one.branch.label for one in sectors if one.branch.kind == "step")
    prefix = prefix_of(
        "sunburst", title, [(one.path, one.branch.n_periods) for one in sectors], total
    )
    rings = max((one.ring for one in sectors), default=0)
    radius = INNER + rings * RING
    middle = (MARGIN + radius, radius + 4)
    key = MARGIN + 2 * radius + 28
    notes = [
        GROUPED,
        "Du centre vers le bord\u00a0: première étape, puis les suivantes. Un vide après un secteur\u00a0: le parcours finit là, "
        "ou la suite n’est pas montrée.",
    ]
    body = [_sector(one, mark, prefix, middle, total) for one in sectors]
    body += [_number(one, middle) for one in sectors]
    body += [_entry(one, mark, prefix, key, total) for one in sectors]
    if not sectors:
        notes = [GROUPED]
        body = [text("Trop peu de personnes pour montrer des suites.", MARGIN, 20)]
    longest = max((_indent(one) + width_of(_said(one, total)) for one in sectors), default=380.0)
    drawn = document(
        prefix=prefix,
        title=title,
        subtitle=f"{populated(total, tree.root.n_subjects)}.",
        description=description,
        notes=(*notes, *told),
        width=max(520.0, key + longest + MARGIN) if sectors else 520.0,
        height=max(2 * radius + 16, len(sectors) * (LINE_HEIGHT + 2) + 12) if sectors else 40.0,
        definitions=(one.definition(prefix) for one in mark.values()),
        body=body,
    )
    return Figure(title, description, _data(connection, sectors, total), drawn, (*notes, *told))


def _data(
    connection: duckdb.DuckDBPyConnection, sectors: Sequence[Sector], total: int
) -> duckdb.DuckDBPyRelation:
    return relation_of(
        connection,
        {
            "number": ("int64", [one.number for one in sectors]),
            "ring": ("int64", [one.ring for one in sectors]),
            "path": ("string", [" → ".join(one.path) for one in sectors]),
            "label": ("string", [one.branch.label for one in sectors]),
            "n_periods": ("int64", [one.branch.n_periods for one in sectors]),
            "share_of_periods": ("float64", [one.branch.n_periods / total for one in sectors]),
        },
    )


def _described(sectors: Sequence[Sector], tree: Tree) -> str:
    total = tree.root.n_periods
    told = f"Suites de traitements de {populated(total, tree.root.n_subjects)}, en anneaux."
    if not sectors:
        return f"{told} Trop peu de personnes pour en montrer."
    rings = []
    for ring in range(1, max(one.ring for one in sectors) + 1):
        most = sorted(
            (one for one in sectors if one.ring == ring), key=lambda one: -one.branch.n_periods
        )
        said = ", ".join(
            f"{' → '.join(one.path)} ({percent(one.branch.n_periods / total)})" for one in most[:3]
        )
        rings.append(f"Anneau {ring}\u00a0: {said}.")
    return " ".join([told, *rings])


def _said(sector: Sector, total: int) -> str:
    n_periods = sector.branch.n_periods
    return f"{sector.number}. {sector.branch.label}\u00a0: {whole(n_periods)} ({percent(n_periods / total)})"


def _indent(sector: Sector) -> float:
    return (sector.ring - 1) * INDENT + SWATCH + 6


def _fill(sector: Sector, mark: dict[str, Mark], prefix: str) -> str:
    return mark[sector.branch.label].fill(prefix) if sector.branch.kind == "step" else PAPER


def _sector(
    one: Sector, mark: dict[str, Mark], prefix: str, middle: tuple[float, float], total: int
) -> str:
    said = f"{' → '.join(one.path)}\u00a0: {whole(one.branch.n_periods)} ({percent(one.branch.n_periods / total)})"
    return (
        f'<path d="{_ring(one, middle)}" fill="{_fill(one, mark, prefix)}" fill-rule="evenodd" stroke="{INK}" '
        f'stroke-width="0.8"><title>{written(said)}</title></path>'
    )


def _ring(one: Sector, middle: tuple[float, float]) -> str:
    def at(radius: float, angle: float) -> str:
        x, y = point(radius, angle)
        return f"{middle[0] + x:.2f} {middle[1] + y:.2f}"

    def whole_circle(radius: float) -> str:
        half = f"A{number(radius)} {number(radius)} 0 1 1"
        return f"M{at(radius, 0)}{half} {at(radius, math.pi)}{half} {at(radius, 0)}Z"

    if one.end - one.start >= WHOLE:
        return whole_circle(one.outer) + whole_circle(one.inner)
    large = int(one.end - one.start > math.pi)
    outer, inner = number(one.outer), number(one.inner)
    return (
        f"M{at(one.inner, one.start)}L{at(one.outer, one.start)}A{outer} {outer} 0 {large} 1 {at(one.outer, one.end)}"
        f"L{at(one.inner, one.end)}A{inner} {inner} 0 {large} 0 {at(one.inner, one.start)}Z"
    )


def _number(one: Sector, middle: tuple[float, float]) -> str:
    x, y = point((one.inner + one.outer) / 2, (one.start + one.end) / 2)
    return text(
        str(one.number), middle[0] + x, middle[1] + y + 4, anchor="middle", bold=True, halo=True
    )


def _entry(one: Sector, mark: dict[str, Mark], prefix: str, x: float, total: int) -> str:
    y = one.number * (LINE_HEIGHT + 2)
    left = x + (one.ring - 1) * INDENT
    return (
        f'<rect x="{number(left)}" y="{number(y - SWATCH + 1)}" width="{number(SWATCH)}" height="{number(SWATCH)}" '
        f'fill="{_fill(one, mark, prefix)}" stroke="{INK}" stroke-width="0.8"/>'
        + text(_said(one, total), x + _indent(one), y)
    )
