"""DuckDB makes the cohorts that the written rule gives; tests/images does the same with Spark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.images.inside.three_ways import InDuckDB, answers
from tests.openchronic.reference.cohort_rules import COHORTS
from tests.openchronic.reference.rule import Case, Rule, examples

CASES = 300


@pytest.fixture(scope="module")
def engine() -> Iterator[InDuckDB]:
    duck = InDuckDB()
    yield duck
    duck.connection.close()


@pytest.mark.parametrize("name", COHORTS)
def test_one_query_gives_what_the_rule_gives_subject_by_subject(
    engine: InDuckDB, name: str
) -> None:
    rule = COHORTS[name]
    cases = rule.all_apart(examples(rule.cases, CASES))
    expected = rule.expected(cases)
    assert answers(engine, rule.asked(cases)) == expected
    # Cases that hold nothing would prove nothing.
    assert len(expected["cohort"]) > 2
    assert len({row["step"] for row in expected["cohort_failed"]}) >= 1


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.sampled_from([*COHORTS.values()]),
    st.lists(COHORTS["onset"].cases, min_size=1, max_size=5),
    st.randoms(),
)
def test_neither_other_subjects_nor_the_order_of_rows_change_a_period(
    engine: InDuckDB, rule: Rule, cases: list[Case], chance: object
) -> None:
    apart = rule.all_apart(cases)
    asked = rule.asked(apart)
    for table in asked["tables"].values():
        chance.shuffle(table["rows"])  # type: ignore[attr-defined]
    assert answers(engine, asked) == rule.expected(apart)
