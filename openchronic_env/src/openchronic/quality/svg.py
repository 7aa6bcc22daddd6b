"""Draws bars and monthly lines as SVG text: no script, no outside resource, readable without colour."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
LABELS = 210
VALUES = 70
ROW = 22
HEIGHT = 150
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 14, 26


@dataclass(frozen=True)
class Bar:
    """One bar. ``value``: None when it is hidden; ``text`` is written before it; ``mark``: a
    threshold on the same scale, None when there is none."""

    label: str
    value: float | None
    text: str
    mark: float | None = None


@dataclass(frozen=True)
class Point:
    """One month. ``value``: None when it is hidden."""

    label: str
    value: float | None


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Returns horizontal bars on one scale, each after its label and its text; thresholds are strokes."""
    top = max([one.value or 0 for one in rows] + [one.mark or 0 for one in rows], default=0) or 1
    room = WIDTH - LABELS - VALUES - RIGHT
    left = LABELS + VALUES
    parts = []
    for place, one in enumerate(rows):
        y = place * ROW
        parts.append(_text(LABELS - 8, y + 15, one.label, anchor="end"))
        parts.append(_text(left - 8, y + 15, one.text, anchor="end"))
        kind, length = ("hidden", 40.0) if one.value is None else ("bar", room * one.value / top)
        parts.append(
            f'<rect class="{kind}" x="{left}" y="{y + 4}" width="{max(length, 1):.1f}" '
            f'height="{ROW - 8}"/>'
        )
        if one.mark is not None:
            x = left + room * one.mark / top
            parts.append(
                f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 1}" y2="{y + ROW - 1}"/>'
            )
    return _svg(title, len(rows) * ROW, parts)


def months(title: str, points: Sequence[Point], *, top_text: str, hidden_text: str) -> str:
    """Returns a line over months from 0 to the largest, with a hollow mark and a break where a month is hidden."""
    top = max([one.value or 0 for one in points], default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)
    floor = HEIGHT - BOTTOM
    parts = [
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>',
        _text(LEFT - 6, TOP + 6, top_text, anchor="end"),
        _text(LEFT - 6, floor + 4, "0", anchor="end"),
    ]
    run: list[str] = []
    for place, one in enumerate(points):
        x = LEFT + place * step
        if place % max(len(points) // 6, 1) == 0:
            parts.append(_text(x, HEIGHT - 8, one.label, anchor="middle"))
        if one.value is None:
            parts += _path(run)
            run = []
            parts.append(
                f'<circle class="hidden" cx="{x:.1f}" cy="{floor}" r="3">'
                f"<title>{html.escape(f'{one.label} : {hidden_text}')}</title></circle>"
            )
        else:
            run.append(f"{x:.1f},{TOP + (floor - TOP) * (1 - one.value / top):.1f}")
    return _svg(title, HEIGHT, parts + _path(run))


def _path(points: Sequence[str]) -> list[str]:
    if not points:
        return []
    # A single month has no line: a stroke as long as its width shows it.
    ends = points if len(points) > 1 else [points[0], points[0]]
    return [f'<polyline class="line" points="{" ".join(ends)}"/>']


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    safe = html.escape(title)
    return (
        f'<svg role="img" aria-label="{safe}" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}"><title>{safe}</title>{"".join(parts)}</svg>'
    )
