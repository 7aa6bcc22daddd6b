"""`openchronic check` on a valid release, and on one with a fault for each check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openchronic.quality.catalogue import load_checks
from tests.openchronic.commands.faulty_releases import (
    FAULTS,
    TWICE,
    some,
    with_fault,
)
from tests.openchronic.front_door import openchronic

CHECKS = {check.name: check for check in load_checks()}
# Each fault changes counts that no other check reads, so that all are planted at once. Stays with a
# failed chaining are the exception: their share has the same stays as that of stays without
# chaining.
MISCOUNTS = {
    name: fault
    for name, fault in FAULTS.items()
    if not isinstance(fault, tuple) and name != "stays_badly_chained"
}


def checked(*arguments: object) -> tuple[int, dict[str, dict[str, Any]]]:
    """Returns the exit status and the checks by name."""
    answer = openchronic("check", *arguments, "--json", "--threads", 2)
    assert "Traceback" not in answer.text
    assert answer.status in (0, 1), answer.text
    return answer.status, {one["name"]: one for one in json.loads(answer.out)["checks"]}


def test_a_good_release_passes_every_check(good: Path) -> None:
    status, checks = checked(good)
    assert status == 0
    assert set(checks) == set(CHECKS)
    assert {name: one["state"] for name, one in checks.items() if one["state"] != "ok"} == {}


def test_every_check_has_a_fault_here() -> None:
    assert set(FAULTS) == set(CHECKS)


@pytest.mark.parametrize("name", [name for name in CHECKS if name not in MISCOUNTS])
def test_a_planted_fault_is_noticed(good: Path, tmp_path: Path, name: str) -> None:
    status, checks = checked(with_fault(good, FAULTS[name], tmp_path))
    assert_noticed(name, status, checks)


@pytest.fixture(scope="session")
def miscounted(
    good: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, dict[str, dict[str, Any]]]:
    """The output for a release with all those faults in its manifest."""

    def miscount(manifest: dict[str, Any]) -> None:
        for change in MISCOUNTS.values():
            change(manifest)

    return checked(with_fault(good, miscount, tmp_path_factory.mktemp("miscounted")))


@pytest.mark.parametrize("name", MISCOUNTS)
def test_a_false_count_in_the_manifest_is_noticed(
    miscounted: tuple[int, dict[str, dict[str, Any]]], name: str
) -> None:
    assert_noticed(name, *miscounted)


def test_false_counts_are_noticed_by_the_checks_of_those_counts_alone(
    miscounted: tuple[int, dict[str, dict[str, Any]]],
) -> None:
    _, checks = miscounted
    assert {name for name, one in checks.items() if one["state"] != "ok"} == set(MISCOUNTS)


def assert_noticed(name: str, status: int, checks: dict[str, dict[str, Any]]) -> None:
    one = checks[name]
    if CHECKS[name].stop is None:
        assert one["state"] == "warning", one
        assert one["value"] > one["warn"]
    else:
        assert one["state"] == "stop", one
        assert one["value"] > one["stop"]
        assert status == 1


def test_a_period_of_residence_of_nobody_is_a_row_of_nobody(good: Path, tmp_path: Path) -> None:
    ended = "SELECT * REPLACE (1 AS subject_id, DATE '2017-01-01' AS end_date) FROM old LIMIT 3"
    fault = ("residence", f"SELECT * FROM old UNION ALL ({ended})")  # noqa: S608 - our own text
    _, checks = checked(with_fault(good, fault, tmp_path))
    assert checks["rows_of_nobody"]["state"] == "stop"
    assert checks["residence_differs_from_patient"]["state"] == "ok"


def test_an_identifier_in_two_files_is_given_twice(good: Path, tmp_path: Path) -> None:
    """The identifiers within each file differ, so that only a comparison between files finds it."""
    numbered = "SELECT * REPLACE (CAST(row_number() OVER () AS VARCHAR) AS event_id) FROM old"
    _, checks = checked(with_fault(good, ("event", numbered), tmp_path))
    assert checks["event_id_twice"]["state"] == "stop"
    assert checks["day_not_in_order"]["state"] == "ok"


def test_between_the_thresholds_a_check_warns_and_the_status_is_fine(
    good: Path, tmp_path: Path
) -> None:
    fault = ("patient", some("sex", "NULL", "subject_id % 20 = 0"))
    status, checks = checked(with_fault(good, fault, tmp_path))
    assert checks["patient_without_sex"]["state"] == "warning"
    assert status == 0


def test_the_table_tells_the_check_its_thresholds_and_what_is_wrong(
    good: Path, tmp_path: Path
) -> None:
    answer = openchronic("check", with_fault(good, FAULTS["month_gap"], tmp_path))
    assert answer.status == 1
    line = next(line for line in answer.out.splitlines() if line.startswith("   month_gap"))
    assert line.split() == ["month_gap", "1", "0", "stop"]
    assert "stop: month_gap (drug): 1 months without any event" in answer.out
    assert "would stop a publish" in answer.out


def test_the_release_is_named_as_for_other_verbs(good: Path) -> None:
    folder = good.parents[1]
    for which in (
        ("--releases", folder),
        ("--releases", folder, "--base", "snds"),
        (f"snds@{good.name}", "--releases", folder),
        (good,),
    ):
        answer = openchronic("check", *which)
        assert answer.status == 0, answer.text
        assert f"release snds@{good.name}\nprevious snds@old\n" in answer.out


def test_what_a_table_makes_that_made_nothing_before_is_no_gain(good: Path, tmp_path: Path) -> None:
    new = TWICE.replace("'b' AS event_id", "'b' AS event_id, 'T_MCOaaZ' AS source_table")
    _, checks = checked(with_fault(good, ("event", new), tmp_path))
    assert checks["events_gained"]["state"] == "ok"


def test_without_a_previous_release_nothing_is_compared(good: Path) -> None:
    _, checks = checked(good.parent / "old")
    states = {one["state"] for one in checks.values() if one["kind"] == "previous"}
    assert states == {"not measured"}


def test_a_release_made_before_these_checks_is_checked_for_what_it_has(
    good: Path, tmp_path: Path
) -> None:
    def forget(manifest: dict[str, Any]) -> None:
        del manifest["quality"]
        del manifest["stays_by_year"]

    status, checks = checked(with_fault(good, forget, tmp_path))
    assert status == 0
    assert checks["stays_without_chaining"]["state"] == "not measured"
    without = ("patient", "SELECT * EXCLUDE (care_after_death) FROM old")
    status, checks = checked(with_fault(good, without, tmp_path / "again"))
    assert status == 0
    assert checks["care_after_death"]["state"] == "not measured"
    assert checks["patient_without_sex"]["state"] == "ok"
