"""From eras to lines of treatment, in plain Python, day by day.

The rule (analyses of a release, 2.6): a line begins with the first era, with a treatment that is neither in the regimen nor
of its classes, with any after a long gap and, where that is asked, when a part of the regimen ends. Its regimen is what is
held or begun within its first days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tests.openchronic.reference.pathways import DAY, Era, Row, eras_of, windows_of


def lines_of(
    setting: Row, periods: Iterable[Row], exposures: Iterable[Row], classes: Mapping[int, int]
) -> list[dict[str, Any]]:
    """Returns the lines of one subject, as rows of ``treatment_line``. ``classes``: the bits of the class of each treatment."""
    told = []
    for number, spans in windows_of(setting, periods).items():
        eras = eras_of(setting, spans, list(exposures))
        every = [(bit, era) for bit, found in eras.items() for era in found]
        told += [{"period_no": number, **line} for line in _lines(setting, every, classes)]
    return told


def _lines(
    setting: Row, every: list[tuple[int, Era]], classes: Mapping[int, int]
) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    day = min((first for _, (first, _) in every), default=date.max)
    uncovered = 0
    while every and day < max(after for _, (_, after) in every):
        held = _held(every, day)
        if held:
            opened = _opened(setting, every, classes, lines[-1] if lines else None, day, uncovered)
            if opened:
                regimen = _regimen(setting, every, day)
                lines.append({"first_day": day, "opened_by": opened, "regimen": regimen})
            lines[-1]["last_day"] = day
        uncovered = 0 if held else uncovered + 1
        day += DAY
    return [
        line | {"line": number, "days": (line["last_day"] - line["first_day"]).days + 1}
        for number, line in enumerate(lines[: setting["max_lines"]], start=1)
    ]


def _held(every: list[tuple[int, Era]], day: date) -> int:
    return sum({bit for bit, (first, after) in every if first <= day < after})


def _opened(
    setting: Row,
    every: list[tuple[int, Era]],
    classes: Mapping[int, int],
    line: Mapping[str, Any] | None,
    day: date,
    uncovered: int,
) -> str:
    """Returns what opens a line on ``day``; empty where nothing does."""
    if line is None:
        return "start"
    if uncovered > setting["line_gap_days"]:
        return "gap"
    if (day - line["first_day"]).days < setting["regimen_days"]:
        return ""
    for bit, (first, _) in every:
        kin = bit if setting["same_class_is_new"] else classes[bit]
        if first == day and not kin & line["regimen"]:
            return "new_treatment"
    left = _held(every, day) & line["regimen"]
    return "drop" if setting["drop_is_new"] and left not in (0, line["regimen"]) else ""


def _regimen(setting: Row, every: list[tuple[int, Era]], first: date) -> int:
    """Returns what is held on one of the first days of a line, as long as no long gap comes between."""
    regimen = uncovered = 0
    for n in range(setting["regimen_days"]):
        held = _held(every, first + n * DAY)
        if held and uncovered > setting["line_gap_days"]:
            break
        regimen |= held
        uncovered = 0 if held else uncovered + 1
    return regimen
