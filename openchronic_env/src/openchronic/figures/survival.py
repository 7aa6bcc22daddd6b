"""Kaplan-Meier at the ends of months of 30 days, each step of which holds enough stops, with enough persons at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openchronic.errors import RefusedError
from openchronic.figures.threshold import LEAST_SUBJECTS, certain, rounded

MONTH = 30
"""Days between two points: no point is the day on which one person stopped."""
Length = tuple[int, bool, int]


@dataclass(frozen=True)
class Followed:
    """Periods of one treatment. ``lengths``: (days, stopped, periods); by month from 1 on, ``stops``: the persons who
    stopped in it, and ``lasting``: those whose last day is in it. ``several``: a person may be in several months."""

    lengths: Sequence[Length]
    stops: Mapping[int, int]
    lasting: Mapping[int, int]
    several: bool


@dataclass(frozen=True)
class Point:
    """Days since the first exposure, and the share that goes on, with its 95 % interval."""

    days: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """What may be shown of one treatment: points from day 0 on, and by day the persons at risk, rounded up to 5."""

    points: tuple[Point, ...]
    at_risk: Mapping[int, int]


def curve_of(followed: Followed) -> Curve | None:
    """Returns the curve that may be shown; none where too few persons are followed."""
    last = max(followed.lasting, default=0)
    at_risk = [
        sum(n for month, n in followed.lasting.items() if month > after)
        for after in range(last + 1)
    ]
    if not at_risk or at_risk[0] < LEAST_SUBJECTS:
        return None
    shown = [0]
    waiting: list[int] = []
    for month in range(1, last + 1):
        waiting.append(followed.stops.get(month, 0))
        if at_risk[month] < LEAST_SUBJECTS:
            break
        if not any(waiting) or certain(waiting, several=followed.several) >= LEAST_SUBJECTS:
            shown.append(month)
            waiting = []
    if len(shown) == 1:
        return None
    estimated = _estimated(followed.lengths, [month * MONTH for month in shown])
    return Curve(
        tuple(
            Point(month * MONTH, *(round(one, 3) for one in values))
            for month, values in zip(shown, estimated, strict=True)
        ),
        {month * MONTH: rounded(at_risk[month]) for month in range(shown[-1] + 1)},
    )


def _estimated(lengths: Sequence[Length], days: Sequence[int]) -> list[tuple[float, float, float]]:
    """Returns the estimate and its interval (log-log, Greenwood) at those days."""
    fitter = _fitter()
    fitter.fit(
        [one[0] for one in lengths],
        event_observed=[one[1] for one in lengths],
        weights=[one[2] for one in lengths],
    )
    share = fitter.survival_function_.iloc[:, 0]
    interval = fitter.confidence_interval_
    found = []
    for day in days:
        # The last row that is not later: the first one is day 0.
        row = int(share.index.searchsorted(day, side="right")) - 1
        low, high = interval.iloc[row, 0], interval.iloc[row, 1]
        found.append((float(share.iloc[row]), float(low), float(high)))
    return found


def _fitter() -> Any:
    # A late import: it loads pandas and SciPy, for this figure alone.
    try:
        from lifelines import KaplanMeierFitter
    except ImportError:
        raise RefusedError(
            "lifelines is not installed here: pip install lifelines",
            "La courbe de persistance demande lifelines, qui n’est pas installé ici\u00a0: pip install lifelines.",
        ) from None
    return KaplanMeierFitter()
