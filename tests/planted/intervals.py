"""Intervals of 95 %: of a share (Wilson), of a curve of persistence (Kaplan-Meier, Greenwood, log-log), of a mean (Student)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Interval:
    """An estimate of ``n`` persons with its bounds."""

    value: float
    low: float
    high: float
    n: int

    def holds(self, truth: float) -> bool:
        return self.low <= truth <= self.high


def share(found: int, n: int) -> Interval:
    """Returns the share ``found`` of ``n`` (Wilson 1927)."""
    value, spread = found / n, Z * Z / n
    middle = (value + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(value * (1 - value) / n + spread / (4 * n))
    return Interval(value, middle - half, middle + half, n)


def persisting(rows: Iterable[tuple[int, bool]], day: int) -> Interval:
    """Returns the share that goes on after ``day``, from rows (days until the stop or the end of sight, whether it is a stop).

    Product of Kaplan and Meier (1958), variance of Greenwood, bounds on the scale log(-log) (Kalbfleisch and Prentice 1980).
    """
    told = sorted(rows)
    value, variance = 1.0, 0.0
    for time in sorted({days for days, stopped in told if stopped and days <= day}):
        at_risk = sum(days >= time for days, _ in told)
        stops = sum(stopped and days == time for days, stopped in told)
        value *= 1 - stops / at_risk
        variance += stops / (at_risk * (at_risk - stops)) if at_risk > stops else math.inf
    if not 0 < value < 1:
        raise ValueError(f"the curve is {value:g} on day {day}: an interval needs other persons")
    half = Z * math.sqrt(variance) / abs(math.log(value))
    return Interval(value, value ** math.exp(half), value ** math.exp(-half), len(told))


def mean(values: Sequence[float]) -> Interval:
    """Returns the mean, by Student's distribution."""
    n, value = len(values), fmean(values)
    half = _student(n - 1) * stdev(values) / math.sqrt(n)
    return Interval(value, value - half, value + half, n)


def _student(freedom: int) -> float:
    """Returns Student's quantile 0.975, within 0.003 from five degrees of freedom on (Fisher and Cornish 1960)."""
    z, f = Z, freedom
    return (
        z
        + (z**3 + z) / (4 * f)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * f**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * f**3)
    )
