"""Time limits grow on a slow or busy machine, and never shrink."""

import os
import subprocess
import sys

import pytest

from tests import pace
from tests.pace import BESIDE_BOXES, PACE, SLOWEST, measure_pace, pace_of_run, patience


def test_without_a_measure_limits_are_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PACE, raising=False)
    assert patience(60) == 60


def test_limits_follow_the_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PACE, "2.5")
    assert patience(60) == 150


def test_a_fast_machine_shortens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "REFERENCE_S", 1e6)
    assert measure_pace() == 1.0


def test_a_slower_machine_is_measured_as_such_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "REFERENCE_S", 1e-6)
    assert measure_pace() == SLOWEST


def test_a_run_with_boxes_is_patient_however_quiet_it_began() -> None:
    assert pace_of_run(1.0, boxes=True) == BESIDE_BOXES
    assert pace_of_run(6.0, boxes=True) == 6.0
    assert pace_of_run(1.0, boxes=False) == 1.0


def test_a_busy_machine_is_slower() -> None:
    """The test runs two more processes per processor while the pace is measured; others may run and end at any time."""
    found = []
    for _ in range(6):
        quiet, busy = measure_pace(), _measure_among_others()
        if busy > quiet or busy == SLOWEST:
            return
        found.append((quiet, busy))
    pytest.fail(f"never slower: {found}")


def _measure_among_others() -> float:
    loads = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        return measure_pace()
    finally:
        for load in loads:
            load.kill()
            load.wait()
