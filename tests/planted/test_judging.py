"""A truth that too few intervals hold is missed, whatever the others say."""

from __future__ import annotations

import pytest

from tests.planted.intervals import Interval
from tests.planted.judging import judge, table

AROUND, ASIDE = Interval(0.5, 0.4, 0.6, 100), Interval(0.7, 0.6, 0.8, 100)


def test_seventeen_of_twenty_are_enough_and_sixteen_are_not() -> None:
    enough = [{"share": AROUND}] * 17 + [{"share": ASIDE}] * 3
    assert judge({"share": 0.5}, enough)[0].is_right
    too_few = judge({"share": 0.5}, [*enough[1:], {"share": ASIDE}])[0]
    assert (too_few.held, too_few.is_right) == (16, False)


def test_one_seed_must_hold_each_truth() -> None:
    right, missed = judge({"one": 0.5, "other": 0.5}, [{"one": AROUND, "other": ASIDE}])
    assert (right.is_right, missed.is_right) == (True, False)
    assert [line.endswith("MISSED") for line in table([right, missed]).splitlines()[1:]] == [
        False,
        True,
    ]


def test_a_truth_that_nobody_estimates_is_no_success() -> None:
    with pytest.raises(ValueError, match="seed 1 of 1: other"):
        judge({"one": 0.5, "other": 0.5}, [{"one": AROUND}])
