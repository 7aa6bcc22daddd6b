"""Persistence: the estimate is Kaplan and Meier's, at points that each hold eleven stops, and never one person's day."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from openchronic.figures.survival import MONTH, Followed, curve_of

LENGTHS = st.lists(st.tuples(st.integers(1, 900), st.booleans()), min_size=1, max_size=400)


def followed(lengths: list[tuple[int, bool]]) -> Followed:
    """One period a person."""
    stops: dict[int, int] = {}
    lasting: dict[int, int] = {}
    for days, stopped in lengths:
        month = -(-days // MONTH)
        lasting[month] = lasting.get(month, 0) + 1
        if stopped:
            stops[month] = stops.get(month, 0) + 1
    return Followed([(*one, 1) for one in lengths], stops, lasting, several=False)


def estimated(lengths: list[tuple[int, bool]], day: int) -> float:
    """The product over the days of stops up to ``day``, as their paper of 1958 has it."""
    share = 1.0
    for one in sorted({days for days, stopped in lengths if stopped and days <= day}):
        at_risk = sum(days >= one for days, _ in lengths)
        share *= 1 - sum((days, stopped) == (one, True) for days, stopped in lengths) / at_risk
    return share


def may_be_shown(lengths: list[tuple[int, bool]], day: int) -> bool:
    """Whether a first point may be at ``day``: enough persons go on, and enough have stopped, or none."""
    stops = sum(days <= day for days, stopped in lengths if stopped)
    return sum(days > day for days, _ in lengths) >= 11 and (stops == 0 or stops >= 11)


@given(LENGTHS)
def test_points_are_those_of_the_estimator_and_hold_enough_persons(
    lengths: list[tuple[int, bool]],
) -> None:
    curve = curve_of(followed(lengths))
    if curve is None:
        assert not any(may_be_shown(lengths, month * MONTH) for month in range(1, 900 // MONTH + 1))
        return
    days = [one.days for one in curve.points]
    assert days == sorted(set(days))
    assert days[0] == 0
    for one in curve.points:
        assert one.days % MONTH == 0
        assert abs(one.share - estimated(lengths, one.days)) <= 0.00051
        assert one.low <= one.share <= one.high
        at_risk = sum(length > one.days for length, _ in lengths)
        assert at_risk >= 11
        assert curve.at_risk[one.days] % 5 == 0
        assert 0 <= curve.at_risk[one.days] - at_risk < 5
    for before, after in pairwise(days):
        stops = sum(before < length <= after for length, stopped in lengths if stopped)
        assert stops == 0 or stops >= 11


def test_a_curve_goes_on_level_while_nobody_stops() -> None:
    curve = curve_of(followed([(900, False)] * 20))
    assert curve is not None
    assert {one.share for one in curve.points} == {1.0}
    assert curve.points[-1].days == 870


def test_ten_stops_are_not_drawn_and_eleven_are() -> None:
    ten = curve_of(followed([(40, True)] * 10 + [(900, False)] * 30))
    assert ten is not None
    assert [one.days for one in ten.points] == [0, 30]
    eleven = curve_of(followed([(40, True)] * 11 + [(900, False)] * 30))
    assert eleven is not None
    assert [(one.days, one.share) for one in eleven.points][:3] == [
        (0, 1.0),
        (30, 1.0),
        (60, round(30 / 41, 3)),
    ]


def test_months_of_one_person_count_once() -> None:
    """The same persons stop in each month: two months of six hold six for certain, not twelve."""
    both = Followed(
        [(20, True, 6), (50, True, 6), (900, False, 30)],
        {1: 6, 2: 6},
        {1: 0, 2: 6, 30: 30},
        several=True,
    )
    assert curve_of(both) is None
    apart = curve_of(replace(both, several=False))
    assert apart is not None
    assert [one.days for one in apart.points][:2] == [0, 60]
