"""DuckDB makes the pathways that the written rule gives day by day; tests/images does the same with Spark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.images.inside.three_ways import InDuckDB, answers
from tests.openchronic.reference.pathway_rules import PATHWAYS, SETS
from tests.openchronic.reference.pathways import persistence_of
from tests.openchronic.reference.rule import Case, Rows, examples

CASES = 250


@pytest.fixture(scope="module")
def engine() -> Iterator[InDuckDB]:
    duck = InDuckDB()
    yield duck
    duck.connection.close()


@pytest.fixture(scope="module")
def steps() -> Rows:
    """Give the steps of all examples, by the reference."""
    found = [PATHWAYS.reference(case) for case in examples(PATHWAYS.cases, CASES)]
    return [step for one in found for step in one["pathway_step"]]


def test_one_query_gives_what_the_rule_gives_day_by_day(engine: InDuckDB) -> None:
    cases = PATHWAYS.all_apart(examples(PATHWAYS.cases, CASES))
    assert answers(engine, PATHWAYS.asked(cases)) == PATHWAYS.expected(cases)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(PATHWAYS.cases, min_size=1, max_size=4).map(PATHWAYS.all_apart), st.randoms())
def test_neither_other_persons_nor_the_order_of_rows_change_a_pathway(
    engine: InDuckDB, cases: list[Case], chance: object
) -> None:
    asked = PATHWAYS.asked(cases)
    for table in asked["tables"].values():
        chance.shuffle(table["rows"])  # type: ignore[attr-defined]
    assert answers(engine, asked) == PATHWAYS.expected(cases)


def test_the_cases_hold_what_the_rule_is_about(steps: Rows) -> None:
    assert {step["change"] for step in steps} == {
        *("start", "add", "drop", "swap", "switch", "restart")
    }
    assert {step["next_change"] for step in steps} == {
        *("start", "add", "drop", "swap", "switch", "restart", "stop", "censored")
    }
    assert {step["pathway"] for step in steps} == set(SETS.pathways)
    assert max(step["held"] for step in steps) == 7
    assert max(step["step"] for step in steps) > 3
    assert {step["period_no"] for step in steps} == {1, 2}


def test_the_cases_hold_switches_that_end_a_persistence() -> None:
    ended = 0
    for case in examples(PATHWAYS.cases, CASES):
        periods, exposures = (
            [row for row in case[name] if row["subject_id"] == 1]
            for name in ("given_period", "given_exposure")
        )
        (setting,) = (one for one in SETS.sets if one["pathway"] == "short")
        found, uncounted = (
            persistence_of({**setting, "switch_counts": counts}, periods, exposures)
            for counts in (True, False)
        )
        ended += found != uncounted
    assert ended > 10


def test_the_cases_hold_what_lines_are_about() -> None:
    found = [PATHWAYS.reference(case) for case in examples(PATHWAYS.cases, CASES)]
    lines = [line for one in found for line in one["treatment_line"]]
    assert {line["opened_by"] for line in lines} == {"start", "new_treatment", "gap", "drop"}
    assert max(line["line"] for line in lines) == 3
    assert {line["regimen"] for line in lines} == set(range(1, 8))


def test_days_of_steps_are_apart_in_order_and_those_of_eras(engine: InDuckDB) -> None:
    """No day is in two steps, no step has a day that no era has, and without rules none is lost."""
    cases = PATHWAYS.all_apart(examples(PATHWAYS.cases, CASES))
    answers(engine, PATHWAYS.asked(cases))

    def number(query: str) -> int:
        ((found,),) = engine.connection.execute(query).fetchall()
        return int(found)

    assert not number(
        """SELECT count(*) FROM (SELECT *, lag(last_day) OVER (
            PARTITION BY pathway, subject_id, period_no ORDER BY step) AS before FROM pathway_step)
        WHERE first_day <= before OR last_day < first_day"""
    )
    covered = """SELECT DISTINCT pathway, subject_id, period_no, CAST(unnest(generate_series(
        first_day, day_after - 1, INTERVAL 1 DAY)) AS DATE) AS day FROM pathway_era"""
    stepped = """SELECT pathway, subject_id, period_no, CAST(unnest(generate_series(
        first_day, last_day, INTERVAL 1 DAY)) AS DATE) AS day FROM pathway_step"""
    # The queries are of this test.
    assert not number(f"SELECT count(*) FROM ({stepped} EXCEPT {covered})")  # noqa: S608
    lost = f"""SELECT count(*) FROM ({covered} EXCEPT {stepped}) JOIN (SELECT pathway, subject_id, period_no,
        max(step) AS steps FROM pathway_step GROUP BY ALL) USING (pathway, subject_id, period_no)
        WHERE pathway = 'no rule' AND steps < 5"""  # noqa: S608
    assert not number(lost)
    assert number(f"SELECT count(*) FROM ({stepped})") > 1000  # noqa: S608


def test_an_exposure_in_two_parts_that_touch_is_one_exposure(engine: InDuckDB) -> None:
    """For eras by gap: those by purchases count purchases."""
    kinds = {
        one["pathway"] for one in SETS.sets if one["era"] == "gap" and one["max_gap_days"] != -1
    }
    # Parts may be too short, or begin outside the period.
    kinds -= {"long ones", "clipped", "joined, clipped", "from the end"}
    cases = PATHWAYS.all_apart(filter(_all_begin_inside, examples(PATHWAYS.cases, CASES)))
    told = []
    for case_of in (dict, _split):
        found = answers(engine, PATHWAYS.asked(map(case_of, cases)))["pathway_step"]
        told.append([step for step in found if step["pathway"] in kinds])
    assert told[0] == told[1]
    assert len(told[0]) > 50


def _split(case: Case) -> Case:
    """Cuts each exposure of two days or more after its first day."""
    parts: Rows = []
    for row in case["given_exposure"]:
        if row["start_date"] < row["end_date"]:
            middle = row["start_date"].toordinal() + 1
            second = type(row["start_date"]).fromordinal(middle)
            parts.append(row | {"end_date": row["start_date"]})
            parts.append(row | {"start_date": second, "exposure_id": 100 + row["exposure_id"]})
        else:
            parts.append(row)
    return case | {"given_exposure": parts}


def _all_begin_inside(case: Case) -> bool:
    """Whether both parts of each exposure begin in every period."""
    first = max(row["start_date"] for row in case["given_period"])
    last = min(row["end_date"] for row in case["given_period"])
    return all(first <= row["start_date"] < last for row in case["given_exposure"])
