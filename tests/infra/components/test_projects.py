"""The projects' folders: what a deploy lists and makes, and what the program that keeps them does to plain folders."""

import datetime
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.components import projects
from infra.components.projects.folders import Subvolume
from infra.settings import layout
from infra.settings.grants import Grant, Period
from infra.settings.site import Storage

# The program finds its own module beside it, as on the server.
sys.path.insert(0, str(projects.FILES))

import keep_folders
import subvolumes
from keep_folders import Folder, Keeper
from subvolumes import Disk

TODAY = datetime.date(2026, 6, 15)
YESTERDAY, TOMORROW = (TODAY + datetime.timedelta(days=days) for days in (-1, 1))
LONG_AGO = "2025-01-01"


class PlainFolders(Disk):
    """Plain folders in the place of subvolumes; a name in `failing` fails as on a full disk."""

    def __init__(self) -> None:
        self.closed: set[Path] = set()
        self.failing: set[Path] = set()
        self.done: list[str] = []

    def is_subvolume(self, path: Path) -> bool:
        return True

    def read_only(self, path: Path) -> bool:
        return path in self.closed

    def set_read_only(self, path: Path, wanted: bool) -> None:
        self._begin(f"{'close' if wanted else 'open'} {path.name}", path)
        (self.closed.add if wanted else self.closed.discard)(path)

    def snapshot(self, source: Path, to: Path) -> None:
        self._begin(f"snapshot {to.parent.name}/{to.name}", source)
        shutil.copytree(source, to)

    def delete(self, path: Path) -> None:
        self._begin(f"delete {path.name}", path)
        shutil.rmtree(path)

    def used(self, path: Path) -> int:
        return 2**30

    def _begin(self, what: str, path: Path) -> None:
        if path in self.failing:
            raise OSError("No space left on device")
        self.done.append(what)


class Server:
    def __init__(self, top: Path) -> None:
        self.homes, self.teams = top / "homes", top / "teams"
        self.snapshots = self.teams / ".snapshots"
        self.record = top / "record.json"
        self.disk = PlainFolders()
        self.named: list[dict[str, Any]] = []
        for folder in (self.homes, self.snapshots):
            folder.mkdir(parents=True)

    def project(self, slug: str, last: datetime.date | None = None) -> Path:
        (self.snapshots / slug).mkdir(exist_ok=True)
        return self._name(self.teams / slug, slug, None, last)

    def home(
        self, login: str, slug: str, last: datetime.date | None = None, *, first: bool = False
    ) -> Path:
        name = login if first else f"{login}@{slug}"
        return self._name(self.homes / name, slug, login, last)

    def _name(self, path: Path, slug: str, login: str | None, last: datetime.date | None) -> Path:
        path.mkdir(exist_ok=True)
        self.forget(path)
        said = last and last.isoformat()
        self.named.append({"path": str(path), "project": slug, "login": login, "last": said})
        return path

    def forget(self, path: Path) -> None:
        self.named = [one for one in self.named if one["path"] != str(path)]

    def keeper(self, today: datetime.date = TODAY) -> Keeper:
        listed = {
            "homes": str(self.homes),
            "teams": str(self.teams),
            "snapshots": str(self.snapshots),
            "keep_ended_days": 30,
            "folders": self.named,
        }
        return Keeper(listed, keep_folders._read(), today, self.disk)

    def keep(self, today: datetime.date = TODAY) -> int:
        return keep_folders.keep(self.keeper(today))

    def since(self, path: Path) -> str | None:
        one = json.loads(self.record.read_text())["folders"][str(path)]
        since: str | None = one["since"]
        return since

    def ended(self, path: Path, since: str) -> None:
        """Say in the record that a folder ended on a day."""
        said = json.loads(self.record.read_text())
        said["folders"][str(path)]["since"] = since
        self.record.write_text(json.dumps(said))

    def remove(self, *paths: Path) -> int:
        asked = {"operator": "durand", "paths": [str(path) for path in paths]}
        return keep_folders.remove(self.keeper(), asked)


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(subvolumes, "BELOW", tmp_path)
    monkeypatch.setattr(keep_folders, "RECORD", tmp_path / "record.json")
    monkeypatch.setattr(keep_folders, "_note", lambda entry: None)
    return Server(tmp_path)


def test_an_open_project_has_a_snapshot_of_the_day_and_one_alone(server: Server) -> None:
    team = server.project("soins", TODAY)
    (team / "plan.txt").write_text("before")
    server.home("ada", "soins", TODAY)
    assert server.keep() == 0
    (team / "plan.txt").unlink()
    assert server.keep() == 0
    assert server.disk.done == [f"snapshot soins/{TODAY}"]
    assert (server.snapshots / "soins" / str(TODAY) / "plan.txt").read_text() == "before"
    assert list(server.keeper().actions()) == []


def test_a_snapshot_goes_after_a_week_and_what_is_no_snapshot_stays(server: Server) -> None:
    server.project("soins")
    server.project("fini", YESTERDAY)
    days = {days: str(TODAY - datetime.timedelta(days=days)) for days in (7, 8, 300)}
    for slug in ("soins", "fini"):
        for day in (*days.values(), "notes", "2026-99-99"):
            (server.snapshots / slug / day).mkdir()
    assert server.keep() == 0
    left = {"notes", "2026-99-99", days[7]}
    assert names(server.snapshots / "soins") == {*left, str(TODAY)}
    assert names(server.snapshots / "fini") == left


def test_what_ends_is_read_only_and_writable_again_when_the_right_is_prolonged(
    server: Server,
) -> None:
    team, home = server.project("soins", TODAY), server.home("ada", "soins", YESTERDAY)
    assert server.keep() == 0
    assert server.disk.closed == {home}
    assert (server.since(home), server.since(team)) == (str(TODAY), None)
    assert server.keep(TOMORROW) == 0
    assert server.disk.closed == {home, team}
    assert (server.since(home), server.since(team)) == (str(TODAY), str(TOMORROW))
    server.project("soins", TOMORROW)
    assert server.keep(TOMORROW) == 0
    assert server.disk.closed == {home}
    assert server.since(team) is None


def test_a_folder_that_no_file_names_any_more_has_ended(server: Server) -> None:
    """A first home too, of which the name does not say whose project's it was: the record does."""
    team, home = server.project("soins"), server.home("ada", "soins")
    first = server.home("bob", "soins", first=True)
    (server.homes / "never-ours").mkdir()
    assert server.keep() == 0
    assert server.disk.closed == set()
    server.named = []
    assert server.keep() == 0
    assert server.disk.closed == {team, home, first}


def test_first_homes_and_whatever_else_lies_there_are_left_alone(server: Server) -> None:
    for name in ("ada", "Ada@soins", "ada@", ".set-aside", "a@b@c"):
        (server.homes / name).mkdir()
    (server.teams / ".other").mkdir()
    assert server.keep() == 0
    assert server.disk.done == []


def test_a_link_in_the_place_of_a_folder_is_refused_and_the_others_are_kept(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = server.homes.parent / "elsewhere"
    elsewhere.mkdir()
    for path in (server.project("alpha"), server.home("ada", "alpha", YESTERDAY)):
        path.rmdir()
        path.symlink_to(elsewhere)
    shutil.rmtree(server.snapshots / "alpha")
    (server.snapshots / "alpha").symlink_to(elsewhere)
    (elsewhere / "2020-01-01").mkdir()
    server.project("beta")
    assert server.keep() == 1
    assert server.disk.done == [f"snapshot beta/{TODAY}"]
    said = capsys.readouterr().out
    assert f"{server.teams / 'alpha'} is a link, or no folder" in said
    assert f"{server.homes / 'ada@alpha'} is a link, or no folder" in said
    assert names(elsewhere) == {"2020-01-01"}


def test_a_folder_that_others_could_replace_is_refused(server: Server) -> None:
    server.project("soins")
    server.teams.chmod(0o777)
    assert server.keep() == 1
    assert server.disk.done == []
    server.teams.chmod(0o755)
    assert server.keep() == 0


def test_a_full_disk_keeps_one_folder_from_its_snapshot_and_no_other(server: Server) -> None:
    full = server.project("alpha")
    server.disk.failing = {full}
    server.project("beta")
    assert server.keep() == 1
    assert server.disk.done == [f"snapshot beta/{TODAY}"]
    server.disk.failing = set()
    assert server.keep() == 0
    assert server.disk.done[1:] == [f"snapshot alpha/{TODAY}"]


def test_a_record_that_cannot_be_written_stays_whole_and_hinders_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = server.home("ada", "soins", YESTERDAY)
    assert server.keep() == 0
    before = server.record.read_text()
    server.project("soins")

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(json, "dump", full)
        assert server.keep(TOMORROW) == 1
    assert server.record.read_text() == before
    assert f"snapshot soins/{TOMORROW}" in server.disk.done
    assert server.keep(TOMORROW) == 0
    assert server.since(home) == str(TODAY)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"folders": {"/x": 1}}', '{"folders": []}'])
def test_after_a_lost_record_what_has_ended_is_kept_for_longer_and_never_less(
    server: Server, text: str
) -> None:
    home = server.home("ada", "soins", YESTERDAY)
    server.record.write_text(text)
    assert server.keep() == 0
    assert server.since(home) == str(TODAY)


def test_a_day_to_come_in_the_record_is_that_of_a_wrong_clock(server: Server) -> None:
    home = server.home("ada", "soins", YESTERDAY)
    server.keep()
    server.ended(home, "2090-01-01")
    assert server.keep() == 0
    assert server.since(home) == str(TODAY)


def test_what_may_be_removed_has_ended_for_longer_than_it_is_kept(server: Server) -> None:
    home = server.home("ada", "soins", YESTERDAY)
    server.keep()
    for days, there in ((30, []), (31, [Folder(home, "soins", "ada", YESTERDAY)])):
        server.ended(home, str(TODAY - datetime.timedelta(days=days)))
        assert server.keeper().removable() == there


def test_removing_takes_what_ended_long_ago_with_its_snapshots_and_nothing_else(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = server.project("vieux", YESTERDAY), server.project("neuf", YESTERDAY)
    opened = server.project("ouvert")
    (server.snapshots / "vieux" / str(YESTERDAY)).mkdir()
    server.keep()
    server.ended(old, LONG_AGO)
    server.ended(opened, LONG_AGO)
    stray = server.homes / "stray"
    stray.mkdir()
    assert server.remove(old, new, opened, stray) == 1
    assert not old.exists()
    assert not (server.snapshots / "vieux").exists()
    assert new.exists()
    assert opened.exists()
    assert stray.exists()
    shown = capsys.readouterr()
    assert f"removed: {old}\n" in shown.out
    assert shown.err.count("has not ended, or not for long enough") == 3


def test_a_right_that_is_prolonged_while_the_operator_thinks_keeps_its_folder(
    server: Server,
) -> None:
    home = server.home("ada", "soins", YESTERDAY)
    server.keep()
    server.ended(home, LONG_AGO)
    assert [one.path for one in server.keeper().removable()] == [home]
    server.home("ada", "soins", TOMORROW)
    assert server.remove(home) == 1
    assert home.exists()


def test_a_removal_that_stops_half_way_is_offered_again(server: Server) -> None:
    old = server.project("vieux", YESTERDAY)
    first, second = (server.snapshots / "vieux" / f"2026-06-1{day}" for day in (3, 4))
    first.mkdir()
    second.mkdir()
    server.keep()
    server.ended(old, LONG_AGO)
    server.disk.failing = {second}
    assert server.remove(old) == 1
    assert (first.exists(), second.exists(), old.exists()) == (False, True, True)
    server.disk.failing = set()
    assert [one.path for one in server.keeper().removable()] == [old]
    assert server.remove(old) == 0
    assert not old.exists()


def test_what_is_removed_is_on_record_before_it_is_gone(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = server.home("ada", "soins", YESTERDAY)
    server.keep()
    server.ended(old, LONG_AGO)
    noted: list[tuple[str, str, bool]] = []
    monkeypatch.setattr(
        keep_folders,
        "_note",
        lambda entry: noted.append((entry["event"], entry["operator"], old.exists())),
    )
    assert server.remove(old) == 0
    assert noted == [("removes", "durand", True), ("removed", "durand", False)]


def test_nothing_is_compiled_beside_the_program_which_the_next_plan_would_remove(
    tmp_path: Path,
) -> None:
    for name, file in projects.script_files().items():
        (tmp_path / name).write_bytes(file.content)
        (tmp_path / name).chmod(int(file.mode, 8))
    # Without what would keep any Python from compiling.
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [tmp_path / "keep_folders.py", "tidy"], env=bare, capture_output=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert names(tmp_path) == {"keep_folders.py", "subvolumes.py"}


def test_the_program_says_what_it_is_for_when_it_is_asked_for_something_else() -> None:
    done = subprocess.run(
        [sys.executable, str(projects.FILES / "keep_folders.py"), "tidy"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "`ended` prints" in done.stderr


def grant(slug: str, *, last: datetime.date | None, first_homes: bool = False) -> Grant:
    period = Period(first=None, last=last)
    return Grant(
        slug=slug,
        title="Essai",
        purpose="Essayer",
        group=f"projet-{slug}",
        bases=(),
        source_tables=False,
        members={"ada": period},
        period=period,
        quota_gb=1,
        keeps_first_homes=first_homes,
    )


def test_the_list_names_every_folder_with_the_last_day_of_its_right() -> None:
    granted = [grant("soins", last=TODAY), grant("anciens", last=None, first_homes=True)]
    said = json.loads(projects.listing(granted, Storage()))
    assert said["keep_ended_days"] == Storage().keep_ended_days
    assert [(one["path"], one["login"], one["last"]) for one in said["folders"]] == [
        (f"{layout.TEAMS}/soins", None, str(TODAY)),
        (f"{layout.HOMES}/ada@soins", "ada", str(TODAY)),
        (f"{layout.TEAMS}/anciens", None, None),
        (f"{layout.HOMES}/ada", "ada", None),
    ]


def test_nothing_is_made_for_a_right_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    for operation in ("ensure", "folder"):
        monkeypatch.setattr(projects, operation, lambda *, name, **_: made.append(name))
    projects._settle(grant("soins", last=YESTERDAY), storage=Storage(), today=TODAY)
    assert made == []
    projects._settle(grant("soins", last=TODAY), storage=Storage(), today=TODAY)
    assert len(made) == 4


def test_a_unit_sees_the_homes_where_a_site_has_them() -> None:
    def text(storage: Storage) -> str:
        return projects.unit_files(storage)[projects.SERVICE].content.decode()

    assert "ProtectHome=yes" in text(Storage())
    assert "ProtectHome=no" in text(Storage(homes="/home"))


@pytest.mark.skipif(not shutil.which("setfacl"), reason="needs setfacl (package acl)")
def test_the_rights_of_a_shared_folder_are_those_that_its_condition_wants(tmp_path: Path) -> None:
    group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()
    wanted = Subvolume(
        path=str(tmp_path), owner="root", group=group, mode="2770", limit=1, shared=True
    )
    (condition,) = wanted._shared_already()
    assert subprocess.run(["sh", "-c", condition], check=False).returncode != 0
    if subprocess.run(["sh", "-c", wanted._share() + "true"], check=False).returncode != 0:
        pytest.skip("this file system keeps no default rights")
    assert subprocess.run(["sh", "-c", condition], check=False).returncode == 0
