"""Intervals are those of published tables."""

from __future__ import annotations

import pytest

from tests.planted.intervals import Interval, mean, persisting, share

# Weeks of remission under 6-mercaptopurine; False: still in remission (Freireich and others, Blood 1963).
REMISSIONS = [
    *((days, True) for days in (6, 6, 6, 7, 10, 13, 16, 22, 23)),
    *((days, False) for days in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
]


def bounds(one: Interval) -> tuple[float, float]:
    return one.low, one.high


def test_a_share_has_the_bounds_of_wilson() -> None:
    # Newcombe, Statistics in Medicine 1998, table I.
    assert bounds(share(81, 263)) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert bounds(share(15, 148)) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert bounds(share(0, 20)) == pytest.approx((0, 0.1611), abs=5e-5)
    assert bounds(share(1, 29)) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_a_curve_is_that_of_kaplan_and_meier() -> None:
    assert persisting(REMISSIONS, 10).value == pytest.approx(0.7529, abs=5e-5)
    assert persisting(REMISSIONS, 23).value == pytest.approx(0.4482, abs=5e-5)
    # Collett, Modelling Survival Data; the same in R's survival, conf.type = "log-log".
    assert bounds(persisting(REMISSIONS, 10)) == pytest.approx((0.5032, 0.8894), abs=5e-5)
    assert bounds(persisting(REMISSIONS, 23)) == pytest.approx((0.1881, 0.6801), abs=5e-5)


def test_a_curve_without_any_stop_has_no_interval() -> None:
    with pytest.raises(ValueError, match="other persons"):
        persisting([(10, False)], 5)


@pytest.mark.parametrize(
    ("n", "quantile"), [(6, 2.5706), (11, 2.2281), (20, 2.0930), (121, 1.9799)]
)
def test_a_mean_has_the_bounds_of_student(n: int, quantile: float) -> None:
    values = [0.0] * n
    values[0] = float(n)  # mean 1, variance n
    told = mean(values)
    assert told.value == 1
    assert bounds(told) == pytest.approx((1 - quantile, 1 + quantile), abs=3e-3)
