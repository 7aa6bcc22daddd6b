"""Draws the persistence of treatments (Kaplan-Meier): a line each, told apart by its dashes, its points and its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import duckdb

from openchronic.figures.drawing import (
    COLOURS,
    INK,
    LINE,
    MARGIN,
    PAPER,
    SMALL,
    document,
    number,
    prefix_of,
    text,
    width_of,
    written,
)
from openchronic.figures.figure import Figure
from openchronic.figures.rows import relation_of
from openchronic.figures.survival import MONTH, Curve, Followed, Point, curve_of
from openchronic.figures.threshold import LEAST_SUBJECTS
from openchronic.figures.words import NARROW, WIDE, percent, whole

ALL = "Tous traitements"
LEFT, WIDTH, HEIGHT, HEAD, ROW = 64.0, 520.0, 300.0, 14.0, 18.0
DASHES = ("", "9 4", "2 4", "12 4 2 4", "6 3 2 3 2 3", "1 3")
NOTE = (
    f"Chaque palier réunit {LEAST_SUBJECTS} arrêts au moins, ou aucun. Une courbe s’interrompt avant les derniers arrêts s’ils "
    f"sont moins de {LEAST_SUBJECTS}, et quand moins de {LEAST_SUBJECTS} personnes sont suivies. Points tous les "
    f"{MONTH}{WIDE}jours{NARROW}; personnes suivies arrondies aux 5 supérieurs{NARROW}; bande\u00a0: intervalle de confiance à 95{NARROW}%."
)
TICKS_AT_MOST = 8
Curves = Mapping[str, Curve]


def persistence_curve(
    connection: duckdb.DuckDBPyConnection,
    followed: Mapping[str, Followed],
    *,
    title: str,
    told: Sequence[str] = (),
) -> Figure:
    """Returns the curves of treatments by name (empty: all together); its data: treatment, days, persistence, low, high,
    at_risk. ``told``: what is to be said below them. Raises OpenChronicError where lifelines is missing."""
    every = {name or ALL: curve_of(one) for name, one in followed.items()}
    curves = {name: one for name, one in every.items() if one}
    hidden = [name for name, one in every.items() if not one]
    notes = [NOTE]
    if hidden:
        notes.append(f"Masqué, trop peu de personnes ou d’arrêts\u00a0: {', '.join(hidden)}.")
    description = _described(curves)
    prefix = prefix_of("persistence", title, curves)
    last = max((one.points[-1].days for one in curves.values()), default=0) or MONTH
    ticks = _ticks(last)
    names = max(map(width_of, curves), default=0.0)
    left = max(LEFT, MARGIN + names + 24)
    body = [_frame(left, ticks, last), *_curves(curves, left, last)]
    body += _at_risk(curves, left, ticks, last)
    below = 44 + 34 + ROW * len(curves)
    if not curves:
        body, below = [text("Trop peu de personnes pour tracer une courbe.", MARGIN, HEAD)], -HEIGHT
    drawn = document(
        prefix=prefix,
        title=title,
        subtitle="Part des périodes dont le traitement dure encore, selon les jours depuis la première exposition.",
        description=description,
        notes=(*notes, *told),
        width=left + WIDTH + 28 + names + MARGIN,
        height=HEAD + HEIGHT + below + 12,
        definitions=(),
        body=body,
    )
    return Figure(title, description, _data(connection, curves), drawn, (*notes, *told))


def _data(connection: duckdb.DuckDBPyConnection, curves: Curves) -> duckdb.DuckDBPyRelation:
    rows = [(name, one, curve.at_risk) for name, curve in curves.items() for one in curve.points]
    return relation_of(
        connection,
        {
            "treatment": ("string", [name for name, _, _ in rows]),
            "days": ("int64", [one.days for _, one, _ in rows]),
            "persistence": ("float64", [one.share for _, one, _ in rows]),
            "low": ("float64", [one.low for _, one, _ in rows]),
            "high": ("float64", [one.high for _, one, _ in rows]),
            "at_risk": ("int64", [at_risk[one.days] for _, one, at_risk in rows]),
        },
    )


def _described(curves: Curves) -> str:
    if not curves:
        return "Trop peu de personnes pour tracer une courbe."
    told = []
    for name, curve in curves.items():
        # A line is level up to its next point.
        days = min(12 * MONTH, curve.points[-1].days)
        at = next(one for one in reversed(curve.points) if one.days <= days)
        told.append(f"{name}\u00a0: {percent(at.share)} continuent à {whole(days)}{WIDE}jours.")
    return " ".join(["Courbes de Kaplan-Meier.", *told])


def _ticks(last: int) -> list[int]:
    step = next(
        (one for one in (30, 60, 90, 180, 360, 720, 1800) if last / one <= TICKS_AT_MOST), 3600
    )
    return list(range(0, last + 1, step))


def _x(left: float, days: int, last: int) -> float:
    return left + days / last * WIDTH


def _y(share: float) -> float:
    return HEAD + (1 - share) * HEIGHT


def _frame(left: float, ticks: Sequence[int], last: int) -> str:
    bottom = HEAD + HEIGHT
    parts = [
        f'<path d="M{number(left)} {number(HEAD)}V{number(bottom)}H{number(left + WIDTH)}" fill="none" '
        f'stroke="{INK}"/>'
    ]
    for tenth in (0, 25, 50, 75, 100):
        y = _y(tenth / 100)
        parts.append(
            f'<path d="M{number(left - 4)} {number(y)}H{number(left + WIDTH)}" stroke="{LINE}" stroke-width="0.4"/>'
        )
        parts.append(text(f"{tenth}{NARROW}%", left - 8, y + 4, anchor="end"))
    for days in ticks:
        x = _x(left, days, last)
        parts.append(f'<path d="M{number(x)} {number(bottom)}v5" stroke="{INK}"/>')
        parts.append(text(whole(days), x, bottom + 19, anchor="middle"))
    parts.append(text("Jours", left + WIDTH, bottom + 36, anchor="end"))
    return "".join(parts)


def _curves(curves: Curves, left: float, last: int) -> list[str]:
    drawn, names = [], []
    for place, (name, curve) in enumerate(curves.items()):
        points = curve.points
        colour = COLOURS[place % len(COLOURS)]
        drawn.append(_band(points, colour, left, last))
        drawn.append(_steps(name, points, place, left, last))
        names.append((_y(points[-1].share), place, name, _x(left, points[-1].days, last)))
    taken = HEAD - 100.0
    # Names stand below each other at the right edge, each led to by its own line.
    for y, place, name, x in sorted(names):
        at = max(y, taken + 16)
        taken = at
        colour = COLOURS[place % len(COLOURS)]
        edge = left + WIDTH + 22
        drawn.append(
            f'<path d="M{number(x + 4)} {number(y)}L{number(edge - 4)} {number(at)}" fill="none" stroke="{colour}" '
            f'stroke-width="0.8"/>'
        )
        drawn.append(text(name, edge, at + 4))
    return drawn


def _steps(name: str, points: Sequence[Point], place: int, left: float, last: int) -> str:
    colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
    path = f"M{number(_x(left, 0, last))} {number(_y(points[0].share))}"
    path += "".join(
        f"H{number(_x(left, one.days, last))}V{number(_y(one.share))}" for one in points[1:]
    )
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<g><title>{written(name)}</title><path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        + "".join(_point(place, _x(left, one.days, last), _y(one.share), colour) for one in points)
        + "</g>"
    )


def _point(place: int, x: float, y: float, colour: str) -> str:
    """Returns a point whose form is the curve's own: a disc, a square, a rhomb, a triangle."""
    forms = (
        f"M{number(x - 3)} {number(y)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z",
        f"M{number(x - 3)} {number(y - 3)}h6v6h-6Z",
        f"M{number(x)} {number(y - 4)}l4 4l-4 4l-4 -4Z",
        f"M{number(x)} {number(y - 4)}l4 7h-8Z",
    )
    fill = colour if place % 2 == 0 else PAPER
    return f'<path d="{forms[place % len(forms)]}" fill="{fill}" stroke="{colour}" stroke-width="1.4"/>'


def _band(points: Sequence[Point], colour: str, left: float, last: int) -> str:
    high = "".join(f"H{number(_x(left, one.days, last))}V{number(_y(one.high))}" for one in points)
    back = list(reversed(points))
    low = "".join(
        f"V{number(_y(before.low))}H{number(_x(left, before.days, last))}"
        for _, before in pairwise(back)
    )
    start = f"M{number(_x(left, 0, last))} {number(_y(points[0].high))}"
    return f'<path d="{start}{high}{low}Z" fill="{colour}" fill-opacity="0.1"/>'


def _at_risk(curves: Curves, left: float, ticks: Sequence[int], last: int) -> list[str]:
    top = HEAD + HEIGHT + 62
    parts = [text("Personnes suivies", MARGIN, top, bold=True)]
    for place, (name, curve) in enumerate(curves.items()):
        y = top + (place + 1) * ROW
        parts.append(text(name, MARGIN, y))
        parts += [
            text(whole(curve.at_risk[days]), _x(left, days, last), y, anchor="middle", size=SMALL)
            for days in ticks
            if days in curve.at_risk
        ]
    return parts
