"""The workspace of a build in folders that another account made, inside folders of others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openchronic.build.workspace import prepare


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path]:
    """Returns the work folder of a base on a server: made by root, in a folder of root's."""
    work = tmp_path / "restricted"
    private = work / "openchronic-snds-work"
    private.mkdir(parents=True)
    (tmp_path / "snds").mkdir()
    return work, private


def test_the_work_folder_of_a_killed_build_is_emptied_and_not_replaced(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    work, private = made
    (private / "typed/x").mkdir(parents=True)
    (private / "typed/x/file").touch()
    (private / "link").symlink_to(tmp_path)
    before = os.open(private, os.O_RDONLY)
    try:
        place = prepare(tmp_path / "snds", base="snds", work=work, spill=None)
        assert os.fstat(before).st_nlink > 0, "it was removed and made again"
    finally:
        os.close(before)
    assert place.private == private
    assert [one.name for one in private.iterdir()] == ["spill"]
    assert (tmp_path / "snds").is_dir()


def test_a_link_in_its_place_is_removed_and_not_emptied(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    work, private = made
    private.rmdir()
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    private.symlink_to(kept)
    prepare(tmp_path / "snds", base="snds", work=work, spill=None)
    assert not private.is_symlink()
    assert [one.name for one in kept.iterdir()] == ["file"]
