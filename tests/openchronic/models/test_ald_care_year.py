"""Which care says that somebody has a long-term illness: exempted, not cancelled, with or without a row in the referential."""

from __future__ import annotations

import datetime
from decimal import Decimal

import duckdb
import pytest

from openchronic.engines.specs import DUCKDB, functions
from openchronic.models.illnesses import CARE_YEAR
from openchronic.models.query import query_of

Row = tuple[int, str, int | None, str | None]
ALD = tuple[int, str, str | None]


def answer(costs: list[Row], alds: list[ALD]) -> list[tuple[object, ...]]:
    """Return the table's rows for costs (subject, day, EXO_MTF, euros) and open or closed illnesses."""
    with duckdb.connect() as connection:
        for statement in functions(DUCKDB):
            connection.execute(statement)
        connection.execute(
            "CREATE TABLE released_cost (subject_id BIGINT, start_date DATE, exemption_code BIGINT, reimbursed DECIMAL(12, 2));"
            "CREATE TABLE released_event (subject_id BIGINT, event_type VARCHAR, start_date DATE, end_date DATE)"
        )
        for subject, day, code, euros in costs:
            connection.execute(
                "INSERT INTO released_cost VALUES (?, ?, ?, ?)",
                [subject, day or None, code, Decimal(euros) if euros else None],
            )
        for subject, start, end in alds:
            connection.execute(
                "INSERT INTO released_event VALUES (?, 'ald', ?, ?)", [subject, start, end]
            )
        connection.execute("INSERT INTO released_event VALUES (1, 'drug', '2019-01-01', NULL)")
        return sorted(connection.execute(query_of(CARE_YEAR, judge="")).fetchall())


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_care_exempted_for_an_illness_is_counted_by_year_and_kind() -> None:
    costs: list[Row] = [
        (1, "2019-03-01", 42, "10"),
        (1, "2019-03-01", 42, "5"),
        (1, "2019-12-31", 42, "5"),
        (1, "2020-01-01", 42, "5"),
        (1, "2019-05-05", 46, "5"),
        (2, "2019-07-01", 44, "5"),
    ]
    assert answer(costs, []) == [
        (1, 2019, "listed", _day("2019-03-01"), _day("2019-12-31"), 2, False),
        (1, 2019, "several", _day("2019-05-05"), _day("2019-05-05"), 1, False),
        (1, 2020, "listed", _day("2020-01-01"), _day("2020-01-01"), 1, False),
        (2, 2019, "off_list", _day("2019-07-01"), _day("2019-07-01"), 1, False),
    ]


@pytest.mark.parametrize("code", [0, 1, 41, 43, 45, None])
def test_care_that_is_not_related_to_the_illness_is_no_sign(code: int | None) -> None:
    assert answer([(1, "2019-03-01", code, "10")], []) == []


def test_cancelled_and_undated_care_and_care_without_an_amount_are_no_sign() -> None:
    costs: list[Row] = [
        (1, "2019-03-01", 42, "10"),
        (1, "2019-03-01", 42, "-10"),
        (1, "", 42, "10"),
        (1, "2019-04-01", 42, None),
    ]
    assert answer(costs, []) == []


@pytest.mark.parametrize(
    ("start", "end", "known"),
    [
        ("2010-01-01", None, True),
        ("2019-12-31", None, True),
        ("2020-01-01", None, False),
        ("2010-01-01", "2019-01-01", True),
        ("2010-01-01", "2018-12-31", False),
    ],
)
def test_an_illness_open_on_a_day_of_the_year_is_in_the_referential(
    start: str, end: str | None, *, known: bool
) -> None:
    [row] = answer([(1, "2019-06-01", 42, "10")], [(1, start, end), (2, "2000-01-01", None)])
    assert row[-1] is known
