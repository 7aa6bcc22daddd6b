"""DuckDB returns the same as the written rules in plain Python; tests/images does the same with Spark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.images.inside.three_ways import InDuckDB, answers
from tests.openchronic.reference.claim_rules import NETTING
from tests.openchronic.reference.disease_rules import DISEASES
from tests.openchronic.reference.people_rules import IDENTITY, ILLNESS
from tests.openchronic.reference.rule import Case, Rows, Rule, examples

many = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    # One engine serves all examples: each makes its tables again.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def engine() -> Iterator[InDuckDB]:
    duck = InDuckDB()
    yield duck
    duck.connection.close()


def some(rule: Rule) -> st.SearchStrategy[list[Case]]:
    """Returns a few cases for one query: in no rule do the rows of one person change the result of another."""
    return st.lists(rule.cases, min_size=1, max_size=8).map(rule.all_apart)


def check(engine: InDuckDB, rule: Rule, cases: list[Case]) -> None:
    assert answers(engine, rule.asked(cases)) == rule.expected(cases)


@many
@given(some(NETTING))
def test_lines_of_claims_are_netted_into_events(engine: InDuckDB, cases: list[Case]) -> None:
    check(engine, NETTING, cases)


@many
@given(some(ILLNESS))
def test_exemption_records_become_ald_periods(engine: InDuckDB, cases: list[Case]) -> None:
    check(engine, ILLNESS, cases)


@many
@given(some(IDENTITY))
def test_records_of_the_referential_become_subjects(engine: InDuckDB, cases: list[Case]) -> None:
    check(engine, IDENTITY, cases)


def test_drawn_lives_have_the_diseases_that_the_definitions_say(engine: InDuckDB) -> None:
    # One query: the definitions are the same for all.
    check(engine, DISEASES, DISEASES.all_apart(examples(DISEASES.cases, 200)))


def test_events_have_an_identifier_of_their_own() -> None:
    for case in examples(NETTING.cases, 100):
        events = NETTING.reference(case)["claim_event"]
        keys = [(one["event_type"], one["natural_key"]) for one in events]
        assert len(keys) == len(set(keys))


def test_the_cases_hold_what_the_rules_are_about() -> None:
    """Cancellations by the same and by another executor; merged and open periods; twins and fictive numbers."""
    netted = [one for case in examples(NETTING.cases, 100) for one in net_of(case)]
    assert {(one["is_kept"], one["n_cancelling"] > 0) for one in netted} == {
        (kept, cancelling) for kept in (True, False) for cancelling in (True, False)
    }
    assert {(one["is_kept"], one["is_reduced"]) for one in netted} == {
        (kept, reduced) for kept in (True, False) for reduced in (True, False)
    }
    assert any(one["quantity"] < 0 for one in netted)
    ald = [one for case in examples(ILLNESS.cases, 100) for one in periods_of(case)]
    assert {one["kind"] for one in ald} == {"listed", "off_list", "several"}
    assert {one["end_date"] is None for one in ald} == {True, False}
    assert max(one["n_source_rows"] for one in ald) > 2
    told = [IDENTITY.reference(case) for case in examples(IDENTITY.cases, 100)]
    for trait in ("is_shared", "is_fictive"):
        assert {one[trait] for each in told for one in each["psa"]} == {True, False}
    assert any(one["natural_id"] is None for each in told for one in each["pair"])


def net_of(case: Case) -> Rows:
    return NETTING.reference(case)["claim_event"]


def periods_of(case: Case) -> Rows:
    return ILLNESS.reference(case)["ald_period"]
