"""Draws what one person's data hold, by time: a lane for each kind of care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb

from openchronic.figures.drawing import (
    COLOURS,
    INK,
    MARGIN,
    PALE,
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
from openchronic.figures.lanes import FOLLOWED, Fact, lanes_of
from openchronic.figures.words import several

WIDTH, LANE, HEAD, BAR = 760.0, 24.0, 26.0, 12.0
INDIVIDUAL = "Données individuelles\u00a0: cette figure ne sort pas du serveur."
Period = tuple[date, date]


def timeline(
    data: duckdb.DuckDBPyRelation,
    facts: Sequence[Fact],
    followed: Sequence[Period],
    *,
    subject: int,
    span: Period,
) -> Figure:
    """Returns the timeline of ``subject`` between two days. ``data``: the rows behind ``facts``; ``followed``: the periods
    under observation."""
    first, last = span
    seen = [one for one in facts if one.first <= last and one.last >= first]
    lanes = lanes_of(seen)
    title = f"Parcours du sujet {subject}"
    description = _described(lanes, followed, span)
    left = MARGIN + max(map(width_of, [FOLLOWED, *lanes])) + 14
    watched = [
        Fact(FOLLOWED, "", start, end, "Sous observation")
        for start, end in followed
        if start <= last and end >= first
    ]
    body = [_axis(left, span, len(lanes) + 1)]
    for place, (name, some) in enumerate({FOLLOWED: watched, **lanes}.items()):
        middle = HEAD + (place + 0.5) * LANE
        body.append(text(name, MARGIN, middle + 4))
        body += _lane(some, place, left, middle, span)
    drawn = document(
        prefix=prefix_of("timeline", subject, span, facts),
        title=title,
        subtitle=f"Du {_day(first)} au {_day(last)}.",
        description=description,
        notes=[INDIVIDUAL],
        width=left + WIDTH + 2 * MARGIN,
        height=HEAD + (len(lanes) + 1) * LANE + 12,
        definitions=(),
        body=body,
    )
    return Figure(title, description, data, drawn, (INDIVIDUAL,), is_individual=True)


def _described(
    lanes: Mapping[str, Sequence[Fact]], followed: Sequence[Period], span: Period
) -> str:
    told = "".join(
        f" {name}\u00a0: {several(len({one.first for one in some}), 'jour', 'jours')}."
        for name, some in lanes.items()
    )
    watched = several(len(followed), "période sous observation", "périodes sous observation")
    return f"Faits d’un sujet du {_day(span[0])} au {_day(span[1])}, {watched}.{told}"


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _x(left: float, day: date, span: Period) -> float:
    days = max((span[1] - span[0]).days + 1, 1)
    return left + min(max((day - span[0]).days, 0), days) / days * WIDTH


def _axis(left: float, span: Period, lanes: int) -> str:
    bottom = HEAD + lanes * LANE
    parts = [
        f'<rect x="{number(left)}" y="{number(HEAD + place * LANE)}" width="{number(WIDTH)}" '
        f'height="{number(LANE)}" fill="{PALE if place % 2 else PAPER}"/>'
        for place in range(lanes)
    ]
    for day, said in _ticks(span):
        x = _x(left, day, span)
        parts.append(
            f'<path d="M{number(x)} {number(HEAD - 4)}V{number(bottom)}" stroke="{INK}" stroke-width="0.5"/>'
        )
        parts.append(text(said, x, HEAD - 9, size=SMALL, anchor="middle"))
    return "".join(parts)


def _ticks(span: Period) -> list[tuple[date, str]]:
    """Returns the first days of years, or of months where there are few."""
    first, last = span
    months = (last.year - first.year) * 12 + last.month - first.month
    # At most a dozen: each text has the room of a month and its year.
    step = next((one for one in (1, 2, 3, 6, 12, 24, 60, 120) if months / one <= 12), 240)
    found = []
    for month in range(months + 2):
        index = first.year * 12 + first.month - 1 + month
        day = date(index // 12, index % 12 + 1, 1)
        if index % step == 0 and first <= day <= last:
            found.append((day, str(day.year) if step >= 12 else f"{day.month:02}/{day.year}"))
    return found


def _lane(facts: Sequence[Fact], place: int, left: float, middle: float, span: Period) -> list[str]:
    """Returns bars for what lasts and points for days: one a day, which says all that happened on it."""
    colour = COLOURS[place % len(COLOURS)]
    days: dict[Period, list[str]] = {}
    for one in facts:
        days.setdefault((one.first, one.last), []).append(one.said)
    drawn = []
    for (first, last), said in sorted(days.items()):
        until = "sans fin connue" if last == date.max else _day(last)
        when = _day(first) if first == last else f"{_day(first)} – {until}"
        told = written(f"{when}\u00a0: {', '.join(dict.fromkeys(said))}")
        x = _x(left, first, span)
        if first == last:
            shape = (
                f'<circle cx="{number(x)}" cy="{number(middle)}" r="3.2" fill="{colour}" '
                f'stroke="{PAPER}" stroke-width="0.6">'
            )
            drawn.append(f"{shape}<title>{told}</title></circle>")
        else:
            width = max(_x(left, min(last, span[1]) + timedelta(1), span) - x, 2.0)
            shape = (
                f'<rect x="{number(x)}" y="{number(middle - BAR / 2)}" width="{number(width)}" '
                f'height="{number(BAR)}" fill="{colour}" stroke="{INK}" stroke-width="0.6">'
            )
            drawn.append(f"{shape}<title>{told}</title></rect>")
    return drawn
