"""A pytest in a process: its result, its progress, and the running test when it is stopped."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.junit import read_junit
from tests.pace import patience
from tests.run import process
from tests.run.process import Pytest

GOOD = "def test_one(): pass\ndef test_two(): pass\n"
BAD = "def test_bad(): assert 1 == 2\n"
# The test writes a file before it sleeps: Python may drop an interrupt during pytest's own steps.
LONG = """
import pathlib, time
def test_first(): pass
def test_without_end():
    pathlib.Path(__file__).with_name("asleep").touch()
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(process, "BUILD", tmp_path)
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[str], Pytest]]:
    """Give a function that runs a file of tests; it is stopped at the end of the test."""
    at_work: list[Pytest] = []

    def run(text: str) -> Pytest:
        (folder / "test_it.py").write_text(text)
        # With the project's conftest as a plugin: it records the running test.
        at_work.append(Pytest("it", "-p", "tests.conftest", "--rootdir", str(folder), str(folder)))
        return at_work[-1]

    yield run
    for tests in at_work:
        tests.process.kill()
        tests.process.wait()


def wait(tests: Pytest) -> None:
    deadline = time.monotonic() + patience(120)
    while not tests.ended():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_it_found_and_how_long_it_took_is_known_at_its_end(
    start: Callable[[str], Pytest],
) -> None:
    tests = start(GOOD)
    wait(tests)
    assert tests.process.returncode == 0
    assert read_junit(tests.junit).count("passed") == 2
    assert tests.seconds > 0
    assert tests.progress() == "it: 2 done"


def test_a_failure_is_told_as_soon_as_it_is_seen(start: Callable[[str], Pytest]) -> None:
    tests = start(BAD)
    wait(tests)
    assert tests.process.returncode == 1
    assert tests.progress() == "it: 1 done, 1 FAILED"
    assert "assert 1 == 2" in tests.said()


def test_a_stopped_one_names_the_test_that_ran_and_keeps_what_was_done(
    start: Callable[[str], Pytest], folder: Path
) -> None:
    tests = start(LONG)
    deadline = time.monotonic() + patience(120)
    while not (folder / "asleep").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert tests.progress() == "it: 1 done, test_without_end runs"
    assert "test_without_end" in tests.interrupt()
    tests.stop()
    assert tests.ended()
    assert read_junit(tests.junit).count("passed") == 1
