"""What `openchronic check` says of a good release, and of one with a fault for each of its checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openchronic.checks.catalogue import load_checks
from tests.openchronic.commands.faulty_releases import (
    FAULTS,
    some,
    with_fault,
    with_previous,
)
from tests.openchronic.front_door import Answer, built, openchronic

CHECKS = {check.name: check for check in load_checks()}


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of 1,000 made-up patients over 2016 to 2018, with one before it; read only."""
    folder = tmp_path_factory.mktemp("good")
    options = ("--patients", 1000, "--seed", 11, "--first-year", 2016, "--years", 3)
    answer = openchronic("synth", folder / "delivery", *options)
    assert answer.status == 0, answer.text
    release = built(folder / "delivery", folder / "built")
    return with_previous(release, folder / "releases")


def checked(*arguments: object) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status and the checks by name."""
    answer = openchronic("check", *arguments, "--json", "--threads", 2)
    assert "Traceback" not in answer.text
    assert answer.status in (0, 1), answer.text
    return answer.status, {one["name"]: one for one in json.loads(answer.out)["checks"]}


def refused(*arguments: object) -> str:
    """Ask for what cannot be answered; the message, which is no traceback."""
    answer: Answer = openchronic("check", *arguments)
    assert answer.status == 1, answer.text
    assert answer.out == ""
    assert "Traceback" not in answer.text
    assert "internal error" not in answer.text
    return answer.err


def test_a_good_release_passes_every_check(good: Path) -> None:
    status, checks = checked(good)
    assert status == 0
    assert set(checks) == set(CHECKS)
    assert {name: one["state"] for name, one in checks.items() if one["state"] != "ok"} == {}


def test_every_check_has_a_fault_here() -> None:
    assert set(FAULTS) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_planted_fault_is_noticed(good: Path, tmp_path: Path, name: str) -> None:
    release = with_fault(good, FAULTS[name], tmp_path)
    status, checks = checked(release)
    one = checks[name]
    if CHECKS[name].stop is None:
        assert one["state"] == "warning", one
        assert one["value"] > one["warn"]
    else:
        assert one["state"] == "stop", one
        assert one["value"] > one["stop"]
        assert status == 1


def test_between_the_thresholds_a_check_warns_and_the_status_is_fine(
    good: Path, tmp_path: Path
) -> None:
    fault = ("patient", some("sex", "NULL", "subject_id % 20 = 0"))
    status, checks = checked(with_fault(good, fault, tmp_path))
    assert checks["patient_without_sex"]["state"] == "warning"
    assert status == 0
