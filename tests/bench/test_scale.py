"""The page about national size says what its program computes; it measures nothing."""

from __future__ import annotations

import pytest

from infra.settings.settings_file import ROOT
from tests.bench import scale

PAGE = ROOT / "openchronic_env" / "SCALE.md"


def test_the_page_has_the_tables_that_the_rates_give() -> None:
    assert "\n".join(scale.tables()) in PAGE.read_text("utf-8"), (
        "paste: python -m tests.bench.scale"
    )


def test_twice_the_years_are_twice_the_lines_and_no_larger_month() -> None:
    found = scale.rates()
    one = {"persons": 4e6, "years": 1}
    two = {"persons": 4e6, "years": 2}
    rate, server = found["rate"], found["place"][0]
    assert scale.lines(two, rate) == 2 * scale.lines(one, rate)
    short, long = (scale.estimate(case, server, rate) for case in (one, two))
    assert long.core_hours == pytest.approx(2 * short.core_hours)
    assert long.month_gb == pytest.approx(short.month_gb)


def test_a_place_is_sensible_to_where_its_hours_end() -> None:
    found = scale.rates()
    rate = {**found["rate"], "shuffled_bytes_a_line": 0.0}
    for place in found["place"]:
        _, most = scale.reach(place, rate)
        case = {"persons": most * rate["persons"] / rate["lines_a_year"], "years": 1}
        assert scale.estimate(case, place, rate).hours == pytest.approx(rate["patience_h"])


def test_each_rate_says_where_it_is_from() -> None:
    for name in ("measured", "documented", "assumed"):
        assert scale.rates()[name]
    for line in scale.RATES.read_text("utf-8").splitlines():
        if "_a_line =" in line:
            assert "#" in line, line
