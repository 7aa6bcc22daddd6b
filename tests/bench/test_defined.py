"""The bounds on definitions and pathways beside a build are held, and a stage that is renamed is not passed over."""

import pytest

from tests.bench.defined import DEFINED, added
from tests.bench.pathways import each_1000
from tests.bench.result import BenchError


@pytest.mark.parametrize(("seconds", "failed"), [(1.0, False), (1.3, True)])
def test_definitions_and_pathways_may_take_half_of_the_build_before_them(
    seconds: float, failed: bool
) -> None:
    stages = dict.fromkeys(DEFINED, seconds) | {"events": 6.0, "rest": 2.0}
    *_, both = added("some", stages)
    assert (both.failed, both.median) == (failed, 4 * seconds)


def test_a_stage_under_another_name_stops_the_measure() -> None:
    stages = {name: 1.0 for name in DEFINED if name != "diseases"} | {"rest": 9.0}
    with pytest.raises(BenchError, match="called diseases"):
        list(added("some", stages))


@pytest.mark.parametrize(("seconds", "failed"), [(12.9, False), (13.1, True)])
def test_a_subject_may_take_little_more_among_ten_times_as_many(
    seconds: float, failed: bool
) -> None:
    small = each_1000("10,000", 1.0, 10_000, None)
    assert each_1000("100,000", seconds, 100_000, small).failed is failed
