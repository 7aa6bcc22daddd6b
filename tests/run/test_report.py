"""The report of a run: results, time, partial, late or too large runs, and its last line."""

import pytest

from tests.junit import Case
from tests.run.report import LATE_S, MEMORY_MB, Run

GOOD = Case("tests.a.test_good", 1.0, "passed", "")
BAD = Case("tests.a.test_bad", 2.0, "failed", "")


def told(run: Run, capsys: pytest.CaptureFixture[str]) -> str:
    run.tell(())
    return capsys.readouterr().out


def test_its_last_line_is_what_the_ci_reads(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(cases=[GOOD, BAD], broken=["mypy"])
    assert told(run, capsys).splitlines()[-1] == "1 passed, 2 failed, 0 skipped"
    assert not run.passed


def test_a_run_without_a_test_has_not_passed() -> None:
    assert not Run().passed
    assert Run(cases=[GOOD]).passed


def test_what_failed_and_what_was_left_out_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(Run(cases=[GOOD, BAD], left_out=["no browser"]), capsys)
    assert "  failed: tests.a.test_bad\n" in said
    assert "  left out: no browser\n" in said


def test_a_failure_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    why = Case("tests.a.test_bad", 2.0, "failed", "AssertionError: ('/', 502)\nassert 502 == 403")
    said = told(Run(cases=[why]), capsys)
    assert "  failed: tests.a.test_bad: AssertionError: ('/', 502) assert 502 == 403\n" in said


def test_a_partial_run_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "PARTIAL, no proof of the whole: ONLY=x" in told(
        Run(partial="ONLY=x", cases=[GOOD]), capsys
    )
    assert "PARTIAL" not in told(Run(cases=[GOOD]), capsys)


def test_a_late_run_says_so() -> None:
    run = Run(cases=[GOOD])
    assert not any(line.startswith("LATE") for line in run.look_at())
    run.began -= LATE_S + 1
    assert next(run.look_at()).startswith("LATE: 45 min")


def test_memory_beyond_what_is_wanted_is_told() -> None:
    run = Run(cases=[GOOD], memory={"unit": 3000, "together": MEMORY_MB + 1})
    assert any("memory: 8001 MB" in line for line in run.look_at())


def test_parts_are_told_in_the_order_in_which_they_began(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = Run(cases=[GOOD])
    run.take("a late part", started=run.began + 20, seconds=30)
    run.take("an early part", started=run.began, seconds=25)
    said = told(run, capsys)
    assert said.index("an early part") < said.index("a late part")
    assert "« a late part », which ended last" in said
