"""Checkpoints of a build are kept for equal inputs, and for nothing else."""

from __future__ import annotations

from pathlib import Path

from openchronic.build.checkpoint import Finished


def test_a_finished_part_is_not_made_again(tmp_path: Path) -> None:
    assert Finished(tmp_path).once("claims", "a1", lambda: 7) == 7
    # The state after a kill: another process, the same folder.
    assert Finished(tmp_path).once("claims", "a1", lambda: 8) == 7
    assert len(Finished(tmp_path)) == 1


def test_a_part_of_another_text_or_other_inputs_is_made_again(tmp_path: Path) -> None:
    assert Finished(tmp_path).once("claims", "a1", lambda: 7) == 7
    assert Finished(tmp_path).once("claims", "b2", lambda: 8) == 8
    assert Finished(tmp_path).once("claims", "b2", lambda: 9) == 8


def test_a_part_that_was_not_finished_is_made_again(tmp_path: Path) -> None:
    def breaks() -> int:
        raise OSError("no space left")

    finished = Finished(tmp_path)
    try:
        finished.once("claims", "a1", breaks)
    except OSError:
        assert not len(finished)
    assert finished.once("claims", "a1", lambda: 7) == 7
