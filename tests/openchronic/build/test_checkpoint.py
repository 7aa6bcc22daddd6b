"""Checkpoints of a build are kept for equal inputs, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from openchronic.build.checkpoint import Finished, begin, settle
from openchronic.build.workspace import Workplace, prepare


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


def test_the_old_checkpoint_is_gone_before_its_part_is_made_again(tmp_path: Path) -> None:
    """A kill in the middle must not leave new rows under the old digest."""
    finished = Finished(tmp_path)
    finished.once("claims", "old", lambda: 7)

    def killed() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finished.once("claims", "new", killed)
    assert Finished(tmp_path).kept("claims") is None
    assert Finished(tmp_path).once("claims", "old", lambda: 8) == 8


def test_a_part_whose_files_are_not_all_there_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "rows" / "claim-2021"
    made: list[int] = []

    def make() -> int:
        assert not folder.exists()
        folder.mkdir(parents=True)
        (folder / "part").write_text("rows")
        made.append(1)
        return len(made)

    def once() -> int:
        return Finished(tmp_path).once("claims", "a1", make, folders=[folder])

    assert (once(), once()) == (1, 1)
    (folder / "part").write_text("")
    assert (once(), once()) == (2, 2)
    (folder / "other").write_text("of another build")
    assert once() == 3
    (folder / "part").unlink()
    assert once() == 4


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace in which a build has finished two parts, of which one writes the release."""
    place = prepare(tmp_path / "snds", base="snds", work=None, spill=None)
    finished = begin(place, basis="code", recipe="files")
    place.database.touch()
    for part, writes in (("claims", False), ("events", True)):
        finished.once(
            part, "a1", write(place.private / part), folders=[place.private / part], writes=writes
        )
    return place


def write(folder: Path) -> Callable[[], None]:
    def make() -> None:
        folder.mkdir()
        (folder / "rows").write_text("rows")

    return make


def test_a_killed_build_of_the_same_recipe_goes_on_with_all_parts(place: Workplace) -> None:
    finished = begin(place, basis="code", recipe="files")
    assert (len(finished), finished.goes_on) == (2, True)


def test_a_build_of_other_files_takes_over_what_is_no_release(place: Workplace) -> None:
    (place.release / "event").mkdir()
    finished = begin(place, basis="code", recipe="other files")
    assert (len(finished), finished.goes_on) == (1, False)
    assert finished.kept("claims")
    assert not list(place.release.iterdir())


def test_a_build_that_ended_leaves_the_parts_that_are_no_release(
    place: Workplace, tmp_path: Path
) -> None:
    settle(place)
    assert [one.name for one in place.release.parent.iterdir()] == ["private"]
    assert {one.name for one in place.private.iterdir()} == {"build.duckdb", "claims", "finished"}
    again = prepare(tmp_path / "snds", base="snds", work=None, spill=None)
    assert len(begin(again, basis="code", recipe="files")) == 1


def test_what_a_whole_stage_takes_stays_known_when_a_build_makes_a_few_days_of_it(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 0.0
    monkeypatch.setattr("time.process_time", lambda: clock)

    def built(seconds: float, recipe: str) -> dict[str, float]:
        finished = begin(place, basis="code", recipe=recipe)
        place.database.touch()

        def make() -> None:
            nonlocal clock
            clock += seconds

        for bucket in ("000-000", "001-001"):
            finished.once(f"events-{bucket}", recipe, make, writes=True)
        finished.once("claims-all", "of both", lambda: None)
        settle(place)
        return Finished(place.finished).spent_on_release()

    assert built(10, "whole") == {"events": 20}
    assert built(3, "some days") == {"events": 20}
    assert built(9, "whole again") == {"events": 18}


def test_other_code_or_a_lost_database_empties_all(place: Workplace) -> None:
    (place.private / "claims" / "more").touch()
    assert len(begin(place, basis="other code", recipe="files")) == 0
    assert not (place.private / "claims").exists()
    place.database.touch()
    begin(place, basis="other code", recipe="files").once("claims", "a1", lambda: 7)
    place.database.unlink()
    assert len(begin(place, basis="other code", recipe="files")) == 0


def test_a_rebuild_takes_over_nothing_but_from_a_killed_one(place: Workplace) -> None:
    assert len(begin(place, basis="code", recipe="files", again=True)) == 2
    assert len(begin(place, basis="code", recipe="other files", again=True)) == 0
