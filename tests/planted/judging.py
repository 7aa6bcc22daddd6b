"""Judges estimates of many seeds: an interval of 95 % must hold the truth for nearly all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.planted.intervals import Interval

LEAST = Fraction(17, 20)
"""With intervals that are right, fewer of 20 hold the truth in 1.6 % of cases."""


@dataclass(frozen=True)
class Verdict:
    """A truth, and the intervals of the seeds in their order."""

    name: str
    truth: float
    intervals: Sequence[Interval]

    @property
    def held(self) -> int:
        """The number of intervals that hold the truth."""
        return sum(one.holds(self.truth) for one in self.intervals)

    @property
    def is_right(self) -> bool:
        return self.held >= LEAST * len(self.intervals)

    @property
    def mean(self) -> float:
        return sum(one.value for one in self.intervals) / len(self.intervals)

    @property
    def width(self) -> float:
        """The mean width of the intervals."""
        return sum(one.high - one.low for one in self.intervals) / len(self.intervals)


def judge(
    truths: Mapping[str, float], seeds: Sequence[Mapping[str, Interval]]
) -> Sequence[Verdict]:
    """Returns a verdict for each truth. Raises ValueError where a seed does not estimate the same ones."""
    for number, found in enumerate(seeds, start=1):
        if missing := sorted(set(truths) ^ set(found)):
            raise ValueError(f"seed {number} of {len(seeds)}: {', '.join(missing)}")
    return [Verdict(name, truth, [one[name] for one in seeds]) for name, truth in truths.items()]


def table(verdicts: Sequence[Verdict]) -> str:
    """Returns a line for each truth."""
    lines = [f"{'what':<24} {'truth':>7} {'mean':>7} {'width':>7} {'persons':>8} {'held':>8}"]
    for one in verdicts:
        persons = sum(interval.n for interval in one.intervals) / len(one.intervals)
        held = f"{one.held}/{len(one.intervals)}"
        lines.append(
            f"{one.name:<24} {one.truth:>7.4f} {one.mean:>7.4f} {one.width:>7.4f} {persons:>8.0f} {held:>8}"
            + ("" if one.is_right else "  MISSED")
        )
    return "\n".join(lines)
