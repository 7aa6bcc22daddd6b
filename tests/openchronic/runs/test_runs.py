"""Work goes on after its terminal is gone, within its time, and what became of it is known whatever kills it."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from openchronic import cli
from openchronic.runs import Run, listed, record, supervise
from tests.pace import patience


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("OPENCHRONIC_SESSION_ENDS", raising=False)
    return tmp_path


def run(home: Path, code: str, *options: str) -> int:
    file = home / "étude un.py"
    file.write_text(code)
    return cli.main(["run", str(file), *options])


def ended(*, state: str | None = None) -> Run:
    deadline = time.monotonic() + patience(60)
    while True:
        (found, *_) = listed()
        if found.found_state() != "running":
            assert state is None or found.found_state() == state, found
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_a_run_outlives_the_process_that_asked_for_it(home: Path) -> None:
    file = home / "long.py"
    go_on = home / "go on"
    file.write_text(
        "import pathlib, time\nprint('begun')\n"
        f"while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.05)\nprint('over')\n"
    )
    asked = subprocess.run(
        [sys.executable, "-m", "openchronic", "run", str(file)],
        capture_output=True,
        text=True,
        start_new_session=True,
        check=True,
    )
    assert "you may close the browser" in asked.stdout
    assert listed()[0].found_state() == "running"
    go_on.touch()
    found = ended(state="done")
    assert found.status == 0
    assert found.log.read_text().split() == ["begun", "over"]


def test_a_failure_is_told_with_its_log(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "raise SystemExit('non')") == 0
    found = ended(state="failed")
    assert found.status == 1
    assert "non" in found.log.read_text()
    assert cli.main(["run", "--list"]) == 0
    assert "failed (1)" in capsys.readouterr().out


def test_what_takes_too_long_is_stopped_with_all_that_it_started(home: Path) -> None:
    """A program that it left in a group of its own, as notebooks do with kernels, ends too."""
    marker = home / "child"
    code = (
        "import subprocess, time, pathlib\n"
        "one = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        f"pathlib.Path({str(marker)!r}).write_text(str(one.pid))\n"
        "time.sleep(600)"
    )
    assert run(home, code, "--hours", "0.0015") == 0
    ended(state="out of time")
    assert record.began_at(int(marker.read_text())) is None


def test_a_run_whose_supervisor_is_killed_is_told_to_have_died_and_takes_its_work_along(
    home: Path,
) -> None:
    marker = home / "child"
    code = f"import os, time, pathlib; pathlib.Path({str(marker)!r}).write_text(str(os.getpid())); time.sleep(600)"
    assert run(home, code) == 0
    deadline = time.monotonic() + patience(30)
    while not marker.exists() or not marker.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process = listed()[0].process
    assert process is not None
    os.kill(process[0], signal.SIGKILL)
    ended(state="died")
    deadline = time.monotonic() + patience(30)
    while record.began_at(int(marker.read_text())) is not None:
        assert time.monotonic() < deadline, "its work goes on"
        time.sleep(0.1)


def test_a_run_of_an_earlier_session_has_died_whatever_has_its_number_now(home: Path) -> None:
    made = record.new(home / "x.py", hours=1)
    mine = record.began_at(os.getpid())
    assert mine is not None
    alive = made.with_(process=(os.getpid(), mine))
    assert alive.found_state() == "running"
    assert alive.with_(session="earlier").found_state() == "died"
    assert alive.with_(process=(os.getpid(), mine - 1)).found_state() == "died"


def test_a_run_that_would_outlive_its_session_is_refused_with_the_figures(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = record.now() + datetime.timedelta(hours=3)
    monkeypatch.setenv("OPENCHRONIC_SESSION_ENDS", ends.isoformat())
    assert run(home, "", "--hours", "3") == 1
    assert "a run may take 2.9 hours, not 3" in capsys.readouterr().err
    assert listed() == []
    assert run(home, "", "--hours", "2.5") == 0
    # Without a number: what is left, where that is less than is usual.
    assert run(home, "") == 0
    until = datetime.datetime.fromisoformat(listed()[0].ends)
    assert ends - datetime.timedelta(minutes=6) < until < ends
    monkeypatch.setenv("OPENCHRONIC_SESSION_ENDS", record.now().isoformat())
    assert run(home, "") == 1


def test_a_loop_that_prints_does_not_fill_the_home(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        log = supervise.Log(file, limit=10)
        for _ in range(3):
            log.write(b"sixsix")
    assert (tmp_path / "log").read_bytes() == b"sixsixsixs" + supervise.CUT


def test_the_oldest_records_go_and_what_runs_stays(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "KEPT", 3)
    mine = record.began_at(os.getpid())
    first = record.new(home / "x.py", hours=1).with_(process=(os.getpid(), mine or 0))
    first = first.with_(id="20000101-000000-0000")
    first.write()
    for _ in range(5):
        record.new(home / "x.py", hours=1)
    found = [one.id for one in listed()]
    assert first.id in found
    assert len(found) == 4


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 1, "more": 2}', "\x00"])
def test_a_record_that_cannot_be_read_is_passed_over(home: Path, text: str) -> None:
    record.folder().mkdir(parents=True)
    (record.folder() / "x.json").write_text(text)
    assert listed() == []
