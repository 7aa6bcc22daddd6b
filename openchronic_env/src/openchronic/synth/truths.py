"""Computes what a law of treatments makes true: the values that analyses of a release must find again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from openchronic.synth.law import Law

HALF_YEAR, YEAR, WINDOW = 182, 365, 360
"""Days at which shares are told, and days of the window of the share of days covered."""


def truths(law: Law) -> Mapping[str, float]:
    """Returns each true value by its name, from 0 to 1: in the limit of many persons, without any death."""
    return {
        **{
            f"persistence_{days}_days": _persistence(law, days // law.refill_days)
            for days in (HALF_YEAR, YEAR)
        },
        **{
            f"switched_{days}_days": 1 - (1 - law.switch.hazard) ** _switches(law, days)
            for days in (HALF_YEAR, YEAR)
        },
        "first_regimen_of_two": law.lines.together,
        f"second_line_{YEAR}_days": 1 - (1 - law.lines.to_second) ** (YEAR // law.refill_days),
        f"third_line_{YEAR}_days": _third_line(law, YEAR // law.refill_days),
        **{
            f"pdc_{WINDOW}_days_{department}": _covered(law.refill_days, days)
            for department, days in law.adherence.most_days_late.items()
        },
    }


def _persistence(law: Law, refills: int) -> float:
    """Returns the share that did not stop at any of so many refills."""
    one = law.persistence
    return (1 - one.first_refill) * (1 - one.later_refill) ** (refills - 1) if refills else 1.0


def _switches(law: Law, days: int) -> int:
    """Returns the number of refills at which a switch is seen within so many days."""
    return (days + law.switch.early_days) // law.refill_days


def _third_line(law: Law, refills: int) -> float:
    """Returns the share whose third line begins within so many refills: after the second, at another refill."""
    stays: Callable[[int], float] = lambda left: (1 - law.lines.to_third) ** left  # noqa: E731
    to = law.lines.to_second
    return sum(
        (1 - to) ** (second - 1) * to * (1 - stays(refills - second))
        for second in range(1, refills + 1)
    )


def _covered(supply: int, most_late: int) -> float:
    """Returns the expected share of days covered in WINDOW days from the first purchase on, refills being late by 0 to
    ``most_late`` days."""
    bought = [0.0] * WINDOW
    bought[0] = 1.0
    for day in range(1, WINDOW):
        sources = range(day - supply - most_late, day - supply + 1)
        bought[day] = sum(bought[one] for one in sources if one >= 0) / (most_late + 1)
    covered = sum(chance * min(supply, WINDOW - day) for day, chance in enumerate(bought))
    return covered / WINDOW
