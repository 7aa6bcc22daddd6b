"""The boxes of a run: two if memory allows and all tests are selected, else one, or none with the reason."""

import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from infra.settings.settings_file import ROOT
from tests.run import boxes
from tests.run.report import Run
from tests.run.selection import ON_A_BOX
from tests.server import preparation


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a run on a machine that can boot boxes and has memory for two."""
    monkeypatch.setattr(preparation, "obstacle", lambda: None)
    monkeypatch.setattr(boxes, "_free_gb", lambda: boxes.SECOND_BOX_GB + 1)
    return Run()


def test_a_whole_run_has_two_boxes_and_misses_no_test(run: Run) -> None:
    first, second = boxes._boxes(run, ON_A_BOX)
    assert first.purpose != second.purpose
    (there,) = second.lines.values()
    assert first.lines == {
        "server": ("tests/server", *(f"--ignore={one}" for one in there)),
        "images": ("tests/images",),
    }
    assert {"tests/server/escapes", "tests/server/faults"} < set(there)
    assert [one for one in there if not (ROOT / one).exists()] == []


def test_with_little_memory_one_box_does_it_all(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "_free_gb", lambda: boxes.SECOND_BOX_GB - 1)
    (only,) = boxes._boxes(run, ON_A_BOX)
    assert only.lines == {"server": ON_A_BOX}


def test_a_part_has_one_box(run: Run) -> None:
    (only,) = boxes._boxes(run, ("tests/server/test_idle.py",))
    assert only.lines == {"server": ("tests/server/test_idle.py",)}


def test_where_no_box_can_boot_the_reason_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "obstacle", lambda: "too little disk\nno nspawn")
    assert list(boxes._boxes(run, ON_A_BOX)) == []
    assert run.left_out[0].endswith("cannot boot a box: too little disk; no nspawn")


def test_what_was_not_asked_for_is_told(run: Run) -> None:
    assert list(boxes._boxes(run, None)) == []
    assert run.left_out == ["the tests on a booted server and in the images: not asked for"]


def test_memory_is_read_from_the_kernel() -> None:
    assert boxes._free_gb() > 0.1


def test_a_box_goes_when_its_last_line_of_tests_has_ended(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone: list[str] = []

    def begin(purpose: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        gone.append(purpose)
        return subprocess.Popen([sys.executable, "-c", f"exit({len(gone) - 1})"])

    monkeypatch.setattr(boxes, "BUILD", tmp_path)
    monkeypatch.setattr(preparation, "begin_to_destroy", begin)
    monkeypatch.delenv("KEEP_BOX", raising=False)
    at_work = boxes.Boxes(run, None)
    at_work._made = ["one", "other"]
    at_work._at_work = {"one": {"server", "images"}}
    at_work.release("images")
    assert gone == []
    at_work.release("server")
    assert gone == ["one"]
    at_work.destroy()
    assert gone == ["one", "other"]
    assert run.broken == ["the box « other » could not be destroyed"]
    assert [part.title for part in run.parts] == [
        "the box « one » is destroyed",
        "the box « other » is destroyed",
    ]


def test_a_box_that_cannot_be_made_is_told_and_the_other_tests_go_on(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(_box: boxes.Boxes) -> None:
        _box._preparing = subprocess.Popen([sys.executable, "-c", "exit(1)"])

    monkeypatch.setattr(boxes, "BUILD", tmp_path)
    monkeypatch.setattr(boxes, "_log", lambda box: ROOT / "build" / f"{box.purpose}-none.log")
    monkeypatch.setattr(boxes.Boxes, "_prepare_next", prepare)
    log = ROOT / "build/test-none.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("apt download failed")
    try:
        made = boxes.Boxes(run, ON_A_BOX)
        assert made._preparing is not None
        made._preparing.wait()
        # It is asked again as long as other tests run.
        assert [made.start_tests() for _ in range(3)] == [[], [], []]
    finally:
        log.unlink()
    assert not made.expected()
    assert run.broken == ["the box « test »: build/test-none.log"]
    assert "apt download failed" in capsys.readouterr().out
