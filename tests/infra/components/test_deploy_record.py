"""The deploy record, on a real file system: what the last deploy wrote and this one does not is removed, and no more."""

import datetime
import json
import os
import platform
import pwd
from pathlib import Path
from typing import Any

import pytest

from infra.operations.checkout import look, version
from tests.infra.operations.test_ops import apply, changed

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the record belongs to root")

DEPLOY = """
from infra.components import deploy_record
from infra.settings import layout
from infra.components.deploy_record import audit
from infra.operations.ownership import Owned
from infra.settings.site_file import load_site
layout.DEPLOY_RECORD, layout.IMAGES_IN_SERVICE = {folder!r} + "/release.json", "/nonexistent"
layout.DEPLOYS = {folder!r} + "/deploys.jsonl"
audit.begin(name="begin", site=load_site("box"))
deploy_record.announce(name="announce", owned=Owned(directories={directories!r}))
{code}
deploy_record.deploy_record(site=load_site("box"), owned=Owned(directories={directories!r}))
audit.end(name="end")
"""


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file to which a fake `logger` writes the messages for the journal."""
    programs, journal = tmp_path / "bin", tmp_path / "journal"
    programs.mkdir()
    (programs / "logger").write_text(f'#!/bin/sh\necho "$@" >> {journal}; cat >> {journal}\n')
    (programs / "logger").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return journal


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


def deploy(tmp_path: Path, code: str, *, directories: tuple[Path, ...] = ()) -> list[str]:
    owned = tuple(map(str, directories))
    return changed(
        apply(
            tmp_path,
            DEPLOY.format(folder=str(tmp_path / "record"), code=code, directories=owned),
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


def noted(tmp_path: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in (tmp_path / "record/deploys.jsonl").read_text().splitlines()
    ]


def test_every_deploy_is_on_record_also_one_that_changes_nothing(
    tmp_path: Path, place: Path, journal: Path
) -> None:
    code = shared(place, "a")
    assert deploy(tmp_path, code)
    assert deploy(tmp_path, code) == [], "the record counts as a change"
    lines = noted(tmp_path)
    assert [line["event"] for line in lines] == ["began", "ended"] * 2
    assert [line["changed"] for line in lines[1::2]] == [2, 0], "the file, and the record of it"
    began = lines[2]
    assert began["deploy"] == lines[3]["deploy"] != lines[0]["deploy"]
    assert began["version"] == version(), "who deployed which version is not told"
    found = look()
    assert (began["commit"], began["dirty"]) == (found.commit, found.dirty)
    assert began["uncommitted"] == list(found.changes)
    assert (began["site"], began["ssh_user"], began["from"]) == ("box", "ops", platform.node())
    assert pwd.getpwuid(os.getuid()).pw_name in began["operator"]
    at = datetime.datetime.fromisoformat(began["when"])
    assert abs(datetime.datetime.now(datetime.UTC) - at) < datetime.timedelta(minutes=5)
    for line in (tmp_path / "record/deploys.jsonl").read_text().splitlines():
        assert f"\n{line}\n" in journal.read_text()
    assert "--tag openchronic-deploy" in journal.read_text()
    assert (tmp_path / "record/deploys.jsonl").stat().st_mode & 0o777 == 0o600


def test_what_is_deployed_has_its_version_on_record(tmp_path: Path, place: Path) -> None:
    deploy(tmp_path, shared(place, "a"))
    record = json.loads((tmp_path / "record/release.json").read_text())
    assert (record["version"], record["commit"]) == (version(), look().name)


def test_a_deploy_that_stops_has_a_beginning_and_no_end(tmp_path: Path, place: Path) -> None:
    fails = "ensure(name='fails', condition='false', command='true')\n"
    with pytest.raises(AssertionError, match="fails"):
        deploy(tmp_path, shared(place, "a") + fails)
    assert [line["event"] for line in noted(tmp_path)] == ["began"]


def test_what_cannot_be_noted_is_not_done(tmp_path: Path, place: Path) -> None:
    (tmp_path / "record/deploys.jsonl").mkdir(parents=True)
    with pytest.raises(AssertionError, match="this deploy could not be noted"):
        deploy(tmp_path, shared(place, "a"))
    assert not place.exists()


def test_a_plan_leaves_no_line(tmp_path: Path, place: Path) -> None:
    code = DEPLOY.format(folder=str(tmp_path / "record"), code=shared(place, "a"), directories=())
    planned = apply(tmp_path, code, "--dry", key="plan")
    assert {row["name"] for row in planned if not row["hosts_with_change"]} >= {"begin", "end"}
    assert not (tmp_path / "record").exists()


def changed_by_release(names: list[str]) -> bool:
    return any("Remove what an earlier deploy owned" in name for name in names)
