"""Folders that root makes for another user, on a real file system: root follows no link."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.components.projects.folders import Subvolume
from infra.operations.folders import sound
from tests.infra.operations.test_ops import GROUP, USER, apply, changed

NOBODY = 65534


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder in which no other user could put a link."""
    top = tmp_path / "top"
    top.mkdir()
    monkeypatch.setenv("FOLDERS_BELOW", str(top))
    return top


@pytest.fixture
def in_the_open() -> Iterator[Path]:
    """Give a folder that other users may enter; they may not enter pytest's folders."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    victim = tmp_path / "victim"
    victim.mkdir()
    victim.chmod(0o751)
    return victim


def asked(path: Path, *, make: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", sound(str(path), make=make)], capture_output=True, text=True, check=False
    )


def code(path: Path, mode: str = "750") -> str:
    return (
        "from infra.operations.folders import folder\n"
        f"folder(name='f', path={str(path)!r}, mode={mode!r}, **OWN)"
    )


def test_a_folder_is_made_once_with_all_that_lies_around_it(tmp_path: Path, top: Path) -> None:
    place = top / "data/demo"
    assert changed(apply(tmp_path, code(place))) == ["f"]
    assert place.stat().st_mode & 0o777 == 0o750
    assert (top / "data").stat().st_mode & 0o777 == 0o755
    assert (place.owner(), place.group()) == (USER, GROUP)
    (place / "theirs").write_text("theirs")
    (place / "theirs").chmod(0o604)
    assert changed(apply(tmp_path, code(place))) == []
    assert changed(apply(tmp_path, code(place, mode="700"))) == ["f"]
    assert (place / "theirs").stat().st_mode & 0o777 == 0o604, "it reached into the folder"


@pytest.mark.parametrize("where", ["data", "data/demo"])
def test_a_link_in_its_place_or_on_the_way_is_named_and_not_followed(
    tmp_path: Path, top: Path, victim: Path, where: str
) -> None:
    (top / where).parent.mkdir(exist_ok=True)
    (top / where).symlink_to(victim)
    said = apply(tmp_path, code(top / "data/demo"), fails=True)
    assert f"{top / where} is a link (to {victim})" in said["output"]
    assert victim.stat().st_mode & 0o777 == 0o751
    assert list(victim.iterdir()) == []


@pytest.mark.parametrize("make", [True, False])
def test_a_folder_in_one_that_others_may_write_in_is_refused(top: Path, make: bool) -> None:
    place = top / "data/demo"
    place.mkdir(parents=True)
    assert asked(place, make=make).returncode == 0
    for mode in (0o775, 0o757, 0o1777):
        (top / "data").chmod(mode)
        done = asked(place, make=make)
        assert done.returncode == 1, oct(mode)
        assert f"{top}/data belongs to {USER}:{GROUP}, mode {mode:o}" in done.stderr
    (top / "data").chmod(0o755)
    # The mode of the folder itself does not matter.
    place.chmod(0o777)
    assert asked(place, make=make).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_folder_in_one_that_somebody_else_owns_is_refused(top: Path) -> None:
    (top / "data/demo").mkdir(parents=True)
    os.chown(top / "data", NOBODY, NOBODY)
    done = asked(top / "data/demo")
    assert done.returncode == 1
    assert "could put a link in the place of" in done.stderr
    os.chown(top / "data", 0, 0)
    os.chown(top / "data/demo", NOBODY, NOBODY)
    assert asked(top / "data/demo").returncode == 0


def test_what_is_missing_is_made_when_asked_for_and_told_when_not(top: Path) -> None:
    assert "data is missing" in asked(top / "data/demo").stderr
    assert asked(top / "data/demo", make=True).returncode == 0
    assert asked(top / "data/demo").returncode == 0
    (top / "file").touch()
    assert "file is missing, or no folder" in asked(top / "file/demo", make=True).stderr


def test_a_home_that_is_a_link_keeps_who_owns_what_it_leads_to(top: Path, victim: Path) -> None:
    """The command of a deploy on an analyst's home; only root could have put the link there."""
    (top / "demo").symlink_to(victim)
    login = str(os.geteuid())
    home = Subvolume(path=f"{top}/demo", owner=login, group=login, mode="700", limit=1)
    done = subprocess.run(
        ["sh", "-c", home.command()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "is a link" in done.stderr
    assert victim.stat().st_mode & 0o777 == 0o751


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_file_in_somebody_elses_folder_is_written_with_their_rights_alone(
    tmp_path: Path, victim: Path, in_the_open: Path
) -> None:
    """Also if that user replaced the file, or the folder, by a link."""
    theirs = in_the_open / "theirs"
    theirs.mkdir()
    os.chown(theirs, NOBODY, NOBODY)
    write = (
        f"tree(name='t', dest={str(theirs)!r}, exclusive=False, as_user='nobody', "
        "files={'exports.toml': File(b'x', owner='nobody', group='nogroup')})"
    )
    assert changed(apply(tmp_path, write)) == ["t"]
    assert changed(apply(tmp_path, write)) == []
    assert (theirs / "exports.toml").stat().st_uid == NOBODY
    (victim / "file").write_text("whole")
    for plant in (
        lambda place: place.symlink_to(victim / "file"),
        os.mkfifo,
        lambda place: place.symlink_to("nowhere"),
    ):
        (theirs / "exports.toml").unlink()
        plant(theirs / "exports.toml")
        assert changed(apply(tmp_path, write)) == ["t"]
        assert (theirs / "exports.toml").read_text() == "x"
        assert (victim / "file").read_text() == "whole"
    theirs.rename(in_the_open / "kept")
    theirs.symlink_to(victim)
    apply(tmp_path, write, fails=True)
    assert [one.name for one in victim.iterdir()] == ["file"]
