"""A mutation is killed by a test that fails, and by nothing else; the file is back whatever happens."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.junit import Case
from tests.mutations.catalogue import Mutation
from tests.mutations.mutated import NotMutated, mutated, put_back
from tests.mutations.trial import Trial
from tests.mutations.verdicts import Baseline, Tries, judge, short
from tests.server.machine import CommandError

TEST = "tests/server/test_x.py::test_y"
CASE = "tests.server.test_x.test_y"
TEXT = "one\ntwo\n\n"


class Local:
    """This machine as the server: the same commands, in a folder of the test's."""

    def succeed(self, command: str, *, stdin: str = "", timeout_s: float = 120) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode != 0:
            raise CommandError(done.stderr)
        return done.stdout.strip()

    def wait_until_succeeds(self, command: str, *, timeout_s: float = 60) -> str:
        return self.succeed(command)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "setting"
    place.write_text(TEXT)
    place.chmod(0o640)
    return place


@pytest.fixture
def note(tmp_path: Path) -> str:
    return str(tmp_path / "note")


def mutation(place: Path, *, before: str = "two") -> Mutation:
    return Mutation.model_validate(
        {"name": "n", "file": str(place), "from": before, "to": "2", "how": "none", "tests": [TEST]}
    )


def case(outcome: str, message: str = "", name: str = CASE) -> Trial:
    return Trial((Case(name, 1.0, outcome, message),), "")


def answers(*trials: Trial) -> tuple[Baseline, list[tuple[str, ...]], Tries]:
    asked: list[tuple[str, ...]] = []
    left = list(trials)

    def tries(tests: Sequence[str], first_failure: bool) -> Trial:
        asked.append(tuple(tests))
        return left.pop(0)

    return Baseline(tries), asked, tries


def test_the_file_is_wrong_for_a_while_and_then_as_it_was(place: Path, note: str) -> None:
    with mutated(Local(), mutation(place), note=note):
        assert place.read_text() == "one\n2\n\n"
        assert place.stat().st_mode & 0o777 == 0o640
    assert place.read_text() == TEXT
    assert not Path(note).exists()


@pytest.mark.parametrize("before", ["three", "o"])
def test_what_is_not_there_once_is_an_error(place: Path, note: str, before: str) -> None:
    with (
        pytest.raises(NotMutated, match="not once"),
        mutated(Local(), mutation(place, before=before), note=note),
    ):
        pass
    assert place.read_text() == TEXT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_puts_the_file_back(
    place: Path, note: str, number: signal.Signals
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(number, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt), mutated(Local(), mutation(place), note=note):
            os.kill(os.getpid(), number)
            signal.pause()
    finally:
        signal.signal(number, before)
    assert place.read_text() == TEXT


def test_the_next_run_puts_back_what_a_killed_one_left(place: Path, note: str) -> None:
    killed = mutated(Local(), mutation(place), note=note)
    killed.__enter__()
    assert place.read_text() != TEXT
    assert put_back(Local(), note=note)
    assert place.read_text() == TEXT
    assert not put_back(Local(), note=note)


@pytest.mark.parametrize(
    ("trial", "killer", "unknown"),
    [
        (case("failed", "assert 1 == 2"), "test_x::test_y", ""),
        (case("failed", "assert", f"{CASE}[a.b-1]"), "test_x::test_y", ""),
        (case("passed"), "", ""),
        # A box that does not answer any more is no test that noticed.
        (case("failed", "failed on setup with Unreachable"), "", "could not ask"),
        (case("skipped", "no browser"), "", "could not ask"),
        (Trial((), "pytest ended with 4"), "", "pytest ended with 4"),
    ],
)
def test_only_a_test_that_fails_by_itself_kills(
    place: Path, note: str, trial: Trial, killer: str, unknown: str
) -> None:
    baseline, _, tries = answers(case("passed"), trial)
    verdict = judge(Local(), mutation(place), baseline=baseline, tries=tries, note=note)
    assert verdict.killer == killer
    assert unknown in verdict.unknown
    assert verdict.survived == (not killer and not unknown)
    assert place.read_text() == TEXT


@pytest.mark.parametrize(
    "without",
    [case("failed", "red anyway"), case("skipped"), case("passed", name="tests.other.test_z")],
)
def test_a_test_that_is_not_green_without_it_says_nothing(
    place: Path, note: str, without: Trial
) -> None:
    baseline, asked, tries = answers(without)
    verdict = judge(Local(), mutation(place), baseline=baseline, tries=tries, note=note)
    assert "without the mutation" in verdict.unknown
    assert not verdict.survived
    assert asked == [(TEST,)], "the mutation was tried all the same"


def test_each_test_is_asked_once_without_any_mutation(place: Path, note: str) -> None:
    baseline, asked, tries = answers(case("passed"), case("failed", "assert"), case("passed"))
    for _ in range(2):
        judge(Local(), mutation(place), baseline=baseline, tries=tries, note=note)
    assert len(asked) == 3


def test_a_killer_is_told_by_file_and_test() -> None:
    assert short("tests.server.outside.test_tls.test_old[TLS 1.0-769]") == "test_tls::test_old"
