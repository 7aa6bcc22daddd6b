"""DuckDB makes the sequences of care that the written rule gives fact by fact and day by day; tests/images: Spark too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.images.inside.three_ways import Answers, InDuckDB, answers, in_order
from tests.openchronic.reference.care_rules import CARE, flows
from tests.openchronic.reference.rule import Case, Rows, examples

CASES = 250
WITH_FLOWS = replace(CARE, answered=(*CARE.answered, "flow", "flow_apart"))


@pytest.fixture(scope="module")
def engine() -> Iterator[InDuckDB]:
    duck = InDuckDB()
    yield duck
    duck.connection.close()


@pytest.fixture(scope="module")
def told(engine: InDuckDB) -> Answers:
    """Give the answers of DuckDB to all examples."""
    return answers(engine, WITH_FLOWS.asked(CARE.all_apart(examples(CARE.cases, CASES))))


def test_contacts_and_states_are_those_of_the_rule(told: Answers) -> None:
    expected = CARE.expected(CARE.all_apart(examples(CARE.cases, CASES)))
    assert {name: told[name] for name in expected} == expected


def test_the_graph_is_that_of_the_rule(told: Answers) -> None:
    for name, rows in flows(CARE.all_apart(examples(CARE.cases, CASES))).items():
        assert told[name] == in_order(rows)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(CARE.cases, min_size=1, max_size=4).map(CARE.all_apart), st.randoms())
def test_neither_other_persons_nor_the_order_of_rows_change_a_sequence(
    engine: InDuckDB, cases: list[Case], chance: object
) -> None:
    asked = CARE.asked(cases)
    for table in asked["tables"].values():
        chance.shuffle(table["rows"])  # type: ignore[attr-defined]
    assert answers(engine, asked) == CARE.expected(cases)


def test_as_many_edges_leave_a_node_as_reach_it(told: Answers) -> None:
    """Every period leaves START once and reaches END once, also without a contact."""
    periods = sum(len(case["care_period"]) for case in examples(CARE.cases, CASES))
    for name in ("flow", "flow_apart"):
        left, reached = Counter[str](), Counter[str]()
        for row in told[name]:
            left[row["source"]] += row["n"]
            reached[row["target"]] += row["n"]
        assert left.pop("START") == reached.pop("END") == periods
        assert left == reached
        assert {"gp", "specialist", "emergency", "mco", "statin", "pack"} == set(left)
        assert any(row["source"] == "START" and row["target"] == "END" for row in told[name])


def test_collapsed_contacts_never_repeat_and_lose_no_fact(told: Answers) -> None:
    before: dict[tuple[int, int], str] = {}
    for row in sorted(told["care_step"], key=_place):
        key = (row["subject_id"], row["period_no"])
        assert before.get(key) != row["node"]
        before[key] = row["node"]
    facts = [sum(row["n_facts"] for row in told[name]) for name in ("care_step", "care_step_apart")]
    assert facts[0] == facts[1] > len(told["care_step_apart"]) > len(told["care_step"])


def test_every_month_of_a_period_has_one_state(told: Answers) -> None:
    months: dict[tuple[int, int], list[int]] = {}
    for row in told["setting_state"]:
        months.setdefault((row["subject_id"], row["period_no"]), []).append(row["month_no"])
    for found in months.values():
        assert sorted(found) == [*range(1, len(found) + 1)]
    states = Counter(row["state"] for row in told["setting_state"])
    assert set(states) == {"death", "mco", "ssr", "had", "psy", "home"}


def _place(row: dict[str, int]) -> tuple[int, int, int]:
    return row["subject_id"], row["period_no"], row["step"]


def test_a_stay_in_two_parts_that_touch_is_one(engine: InDuckDB) -> None:
    cases = CARE.all_apart(examples(CARE.cases, CASES))
    whole = answers(engine, CARE.asked(cases))["setting_state"]
    assert answers(engine, CARE.asked([_split(case) for case in cases]))["setting_state"] == whole


def _split(case: Case) -> Case:
    """Cuts each stay of two days or more after its first day."""
    parts: Rows = []
    for row in case["stay"]:
        if row["end_date"] and row["start_date"] < row["end_date"]:
            second = type(row["start_date"]).fromordinal(row["start_date"].toordinal() + 1)
            parts += [row | {"end_date": row["start_date"]}, row | {"start_date": second}]
        else:
            parts.append(row)
    return case | {"stay": parts}
