"""The progress that a build prints: share done, rate, time left; few lines where there is no terminal."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from openchronic.runtime.progress import Step, Steps, duration
from tests.pace import patience


def steps(*, terminal: bool = False, quiet: bool = False, pace_s: float = 30.0) -> Steps:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=120, color_system=None)
    return Steps(console, quiet=quiet, pace_s=pace_s)


def said(told: Steps) -> str:
    assert isinstance(told.console.file, io.StringIO)
    return told.console.file.getvalue()


def test_a_step_tells_how_far_how_fast_and_how_long_still() -> None:
    step = Step(total=60, unit="months", done=12, seconds=30.0)
    assert step.summary() == "12 months of 60 months, 0.4 months/s"
    assert step.left_s == 120
    assert Step(60, "months", done=60, seconds=30.0).summary() == "60 months, 2 months/s"
    assert Step(60, "months").summary() == "0 months of 60 months"
    assert Step(60, "months").left_s is None
    assert Step(5_000_000, "bytes", done=2_500_000, seconds=2.0).summary() == (
        "2.5 MB of 5.0 MB, 1.2 MB/s"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (3600, "60 min"), (11100, "3 h 05")],
)
def test_durations_are_told_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the time that steps see, to be moved."""
    now = [100.0]
    monkeypatch.setattr("openchronic.runtime.progress.time.monotonic", lambda: now[0])
    return now


def test_a_log_has_a_line_per_step_with_its_rate(clock: list[float]) -> None:
    told = steps()
    with told.step("claims", total=3, unit="months") as tick:
        for _ in range(3):
            clock[0] += 2
            tick()
    with told.step("people"):
        pass
    assert said(told).splitlines() == ["claims: 6.0 s, 3 months, 0.5 months/s", "people: 0.0 s"]


def test_a_long_step_is_told_of_now_and_then(clock: list[float]) -> None:
    told = steps(pace_s=50)
    with told.step("claims", total=4, unit="months") as tick:
        for _ in range(4):
            clock[0] += 30
            tick()
    meanwhile = [line for line in said(told).splitlines() if " left" in line]
    assert meanwhile == ["claims: 2 months of 4 months, 0.033 months/s, 60 s left"]


def test_a_terminal_shows_the_rate_and_what_is_left() -> None:
    told = steps(terminal=True)
    with told.step("claims", total=4, unit="months") as tick:
        time.sleep(0.02)
        tick(2)
        deadline = time.monotonic() + patience(30)
        # It is drawn several times a second.
        while "/s, 0 s left" not in said(told) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert "2 months of 4 months" in said(told)
    assert "/s, 0 s left" in said(told)


def test_quiet_says_nothing_and_remembers_what_each_step_took() -> None:
    told = steps(quiet=True)
    with told.step("claims", total=4, unit="months") as tick:
        tick(4)
    assert said(told) == ""
    assert told.taken["claims"].done == 4
