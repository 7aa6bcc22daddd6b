"""Months are made together as far as memory allows, and stay in the groups of the build before."""

from __future__ import annotations

from pathlib import Path
from random import Random

from openchronic.build.groups import MOST_SMALL, groups_before, groups_of, note_groups


def months(n: int) -> list[str]:
    return [f"{2015 + at // 12}-{at % 12 + 1:02}" for at in range(n)]


def test_months_are_grouped_in_order_up_to_what_memory_holds() -> None:
    sizes = dict(zip(months(5), (4, 4, 4, 20, 1), strict=True))
    first, second, third, large, last = sizes
    assert groups_of(sizes, 10, []) == [[first, second], [third], [large], [last]]


def test_a_month_more_leaves_the_groups_of_the_others() -> None:
    sizes = dict.fromkeys(months(6), 4)
    before = groups_of(sizes, 10, [])
    grown = dict.fromkeys(months(7), 4)
    assert groups_of(grown, 10, before) == [*before, [months(7)[-1]]]


def test_a_group_of_which_a_month_is_gone_is_grouped_anew() -> None:
    sizes = dict.fromkeys(months(6), 4)
    before = groups_of(sizes, 10, [])
    gone = {month: 4 for month in sizes if month != months(6)[0]}
    assert groups_of(gone, 10, before) == [[months(6)[1]], *before[1:]]


def test_a_group_that_memory_no_longer_holds_is_cut() -> None:
    sizes = dict.fromkeys(months(4), 4)
    before = groups_of(sizes, 100, [])
    assert len(before) == 1
    assert groups_of(sizes, 5, before) == [[month] for month in sizes]


def test_groups_stay_few_and_hold_each_month_once_however_months_come() -> None:
    for seed in range(20):
        random = Random(seed)  # noqa: S311
        sizes: dict[str, int] = {}
        before: list[list[str]] = []
        made_again = 0
        for month in months(80):
            sizes[month] = random.randint(5, 15)
            after = groups_of(sizes, 100, before)
            made_again += sum(len(one) for one in after if one not in before)
            before = after
            assert sorted(month for group in before for month in group) == sorted(sizes)
            assert all(sum(sizes[month] for month in group) <= 100 for group in before)
            assert len(before) <= len(groups_of(sizes, 100, [])) * 2 + MOST_SMALL + 1
        # A month is made again a few times, and not with every month that comes.
        assert made_again < 5 * len(sizes), seed


def test_groups_are_found_again_and_a_damaged_note_is_none(tmp_path: Path) -> None:
    assert groups_before(tmp_path) == []
    note_groups(tmp_path, [["2021-01", "2021-02"]])
    assert groups_before(tmp_path) == [["2021-01", "2021-02"]]
    (tmp_path / "groups.json").write_text("{")
    assert groups_before(tmp_path) == []
