"""Tables of a cohort: standardised differences by hand, and what may not be shown."""

from __future__ import annotations

import math

import pytest

from openchronic.cohort.baseline import Level, hidden
from openchronic.cohort.comparing import _smd


def level(variable: str, name: str, n: int, of: int = 100, **more: float) -> Level:
    return Level(
        variable, name, name, n, n, n / of, more.get("mean"), more.get("standard_deviation")
    )


def test_a_standardised_difference_by_hand() -> None:
    a, b = level("sex", "F", 60), level("sex", "F", 40)
    assert _smd(a, b, is_mean=False) == pytest.approx(0.2 / math.sqrt(0.24))
    old, young = (
        level("age", "mean", 100, mean=mean, standard_deviation=spread)
        for mean, spread in ((70.0, 10.0), (60.0, 8.0))
    )
    assert _smd(old, young, is_mean=True) == pytest.approx(10 / math.sqrt(82))
    assert _smd(a, None, is_mean=False) == pytest.approx(0.6 / math.sqrt(0.12))
    assert _smd(level("sex", "F", 100), level("sex", "F", 100), is_mean=False) is None


def test_one_hidden_level_hides_another_that_would_tell_it() -> None:
    three = [level("residence", name, n) for name, n in (("a", 70), ("b", 26), ("c", 4))]
    assert hidden(three, 100) == {("residence", "c"), ("residence", "b")}
    # Four hidden levels of 4 are 16 people: nothing tells one of them.
    several = [level("residence", name, 4) for name in "abcd"] + [level("residence", "e", 84)]
    assert hidden(several, 100) == {("residence", name) for name in "abcd"}


def test_few_who_do_not_have_it_are_hidden_too() -> None:
    assert hidden([level("disease", "x", 95)], 100) == {("disease", "x")}
    assert hidden([level("disease", "x", 89), level("disease", "y", 100)], 100) == set()
