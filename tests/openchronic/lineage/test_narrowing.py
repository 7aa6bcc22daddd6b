"""The rows that decide among many are found, whichever they are."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from openchronic.lineage.narrowing import deciding


@given(st.sets(st.integers(0, 60)), st.integers(1, 61))
def test_exactly_the_rows_that_decide_are_found(chosen: set[int], number: int) -> None:
    wanted = {one for one in chosen if one < number}

    def changes(without: Sequence[int]) -> bool:
        return bool(wanted.intersection(without))

    assert deciding(range(number), changes) == sorted(wanted)


def test_one_row_among_thousands_takes_few_looks() -> None:
    looks: list[int] = []

    def changes(without: Sequence[int]) -> bool:
        looks.append(len(without))
        return 1234 in without

    assert deciding(range(4096), changes) == [1234]
    assert len(looks) <= 2 * 12 + 1
