"""Any date, amount or whole number that is written in a supported form is read back equal, and no text makes a cast fail."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openchronic.ingest.casting import cast
from openchronic.ingest.dates import DATE_SHAPES, date_formats
from tests.openchronic.ingest.conftest import few

FORMATS = sorted({one for formats in DATE_SHAPES.values() for one in formats})


@few
@given(
    days=st.lists(st.dates(date(1900, 1, 1), date(2099, 12, 31)), min_size=1, max_size=20),
    shape=st.sampled_from(FORMATS),
    capital=st.booleans(),
)
def test_dates_are_read_as_they_were_written(
    engine: duckdb.DuckDBPyConnection, days: list[date], shape: str, *, capital: bool
) -> None:
    texts = [datetime(day.year, day.month, day.day, 13, 5, 7).strftime(shape) for day in days]
    if shape in ("%d%m%Y", "%Y%m%d"):
        # Most values of a column decide which of the two formats its eight digits have.
        assume(date_formats(texts).index(shape) < date_formats(texts).index(OTHER[shape]))
    texts = [text.upper() if capital else text for text in texts]
    read = engine.execute(
        one_value(cast("x", "date", formats=date_formats(texts), needed=False).value), [texts]
    ).fetchall()
    assert [value for (value,) in read] == days


OTHER = {"%d%m%Y": "%Y%m%d", "%Y%m%d": "%d%m%Y"}


@few
@given(
    st.lists(st.decimals(-(10**12), 10**12, places=5, allow_nan=False), min_size=1, max_size=20),
    st.booleans(),
)
def test_amounts_are_exact_with_a_point_or_a_comma(
    engine: duckdb.DuckDBPyConnection, amounts: list[Decimal], comma: bool
) -> None:
    texts = [f"{one:f}".replace(".", "," if comma else ".") for one in amounts]
    read = engine.execute(one_value(cast("x", "decimal", needed=False).value), [texts]).fetchall()
    assert [value for (value,) in read] == amounts


@few
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_whole_numbers_are_exact(engine: duckdb.DuckDBPyConnection, numbers: list[int]) -> None:
    texts = [str(one) for one in numbers]
    read = engine.execute(one_value(cast("x", "integer", needed=False).value), [texts]).fetchall()
    assert [value for (value,) in read] == numbers


@few
@given(texts=st.lists(st.text(max_size=30), min_size=1, max_size=10))
@pytest.mark.parametrize("type_", ["integer", "decimal", "date", "string"])
def test_no_text_makes_a_cast_fail(
    engine: duckdb.DuckDBPyConnection, texts: list[str], type_: Any
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    expression = cast("x", type_, formats=date_formats(texts), needed=True)
    read = engine.execute(one_value(expression.value), [texts]).fetchall()
    assert len(read) == len(texts)


def one_value(expression: str) -> str:
    """Returns SQL: ``expression`` for each text of the list given."""
    return f"SELECT {expression} FROM (SELECT unnest(?::VARCHAR[]) AS x) AS raw"  # noqa: S608
