"""A connection for the tests that read drawn examples, and how many examples they draw."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import HealthCheck, settings

few = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    # One connection serves all examples: they leave nothing in it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})
