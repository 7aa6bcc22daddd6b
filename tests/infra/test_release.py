"""What one deploy wrote and the next does not, on a real file system: it goes, and nothing else does."""

import json
import os
from pathlib import Path

import pytest

from tests.infra.test_ops import apply, changed

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the record belongs to root")

RELEASE = """
from infra import release
from infra.ownership import Owned
from infra.site import load_site
release.FOLDER, release.RECORD, release.IMAGES = {folder!r}, {folder!r} + "/release.json", "/nonexistent"
release.announce(name="announce", owned=Owned(directories={directories!r}))
{code}
release.release(site=load_site("box"), owned=Owned(directories={directories!r}))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


def deploy(tmp_path: Path, code: str, *, directories: tuple[Path, ...] = ()) -> list[str]:
    owned = tuple(map(str, directories))
    return changed(
        apply(
            tmp_path,
            RELEASE.format(folder=str(tmp_path / "record"), code=code, directories=owned),
        )
    )


def shared(place: Path, *names: str) -> str:
    files = ", ".join(f"{name!r}: File(b'x')" for name in names)
    return f"tree(name='shared', dest={str(place)!r}, files={{{files}}}, exclusive=False)\n"


def whole(place: Path) -> str:
    return f"tree(name='whole', dest={str(place)!r}, files={{'a': File(b'a')}})\n"


def test_a_file_that_only_the_newer_deploy_wrote_goes_with_the_return(
    tmp_path: Path, place: Path
) -> None:
    older, newer = shared(place, "both"), shared(place, "both", "newer.conf")
    deploy(tmp_path, older)
    (place / "theirs").touch()
    deploy(tmp_path, newer)
    assert (place / "newer.conf").exists()
    assert changed_by_release(deploy(tmp_path, older))
    assert sorted(path.name for path in place.iterdir()) == ["both", "theirs"]
    assert deploy(tmp_path, older) == []


def test_a_folder_that_only_the_newer_deploy_wrote_goes_whole(tmp_path: Path, place: Path) -> None:
    older = shared(place / "older", "kept")
    deploy(tmp_path, older)
    deploy(tmp_path, older + whole(place / "newer"))
    (place / "newer/left-by-a-program").touch()
    deploy(tmp_path, older)
    assert [path.name for path in place.iterdir()] == ["older"]


def test_an_environment_of_the_newer_deploy_alone_goes_with_what_its_link_leads_to(
    tmp_path: Path, place: Path
) -> None:
    place.mkdir()
    older = shared(place, "kept")
    deploy(
        tmp_path,
        older
        + f"environment(name='e', path={str(place / 'env')!r}, locks={{'lock': b'1'}}, build='true')\n",
    )
    assert len(list(place.glob("env*"))) == 2
    deploy(tmp_path, older)
    assert [path.name for path in place.iterdir()] == ["kept"]


def test_a_file_that_moved_under_a_whole_folder_stays(tmp_path: Path, place: Path) -> None:
    deploy(tmp_path, shared(place, "a"))
    deploy(tmp_path, whole(place))
    assert (place / "a").read_text() == "a"


def test_a_record_from_before_files_were_written_down_is_read(tmp_path: Path, place: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (tmp_path / "record").mkdir()
    (tmp_path / "record/release.json").write_text(
        json.dumps({"owned": {"units": [], "directories": [str(old)]}})
    )
    deploy(tmp_path, shared(place, "a"))
    assert not old.exists()


def test_what_a_deploy_that_stopped_half_way_made_goes_with_the_return(
    tmp_path: Path, place: Path
) -> None:
    older = shared(place, "kept")
    deploy(tmp_path, older)
    folder = place / "newer"
    fails = "ensure(name='fails', condition='false', command='true')\n"
    with pytest.raises(AssertionError, match="fails"):
        deploy(tmp_path, older + whole(folder) + fails, directories=(folder,))
    assert folder.exists(), "the deploy stopped too early: nothing is proven"
    deploy(tmp_path, older)
    assert not folder.exists()
    assert deploy(tmp_path, older) == []


def changed_by_release(names: list[str]) -> bool:
    return any("Remove what an earlier deploy owned" in name for name in names)
