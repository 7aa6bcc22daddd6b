"""What a session says of its runs is text on its user's page, and leads the hub nowhere, whatever the session wrote."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import runs
from jinja2 import Environment, FileSystemLoader
from pages import TEMPLATES
from runs import Shown, runs_of
from sessions import Person
from settings import Project, load_settings

from tests.pace import patience

ME = Person(login="claire", uid=os.getuid(), gid=os.getgid(), analysts_gid=1500)
NAME = "20260302-110000-abcd"
RECORD: dict[str, Any] = {
    "file": "/home/claire/étude.ipynb",
    "started": "2026-03-02T11:00:00+00:00",
    "ends": "2026-03-02T12:00:00+00:00",
    "ended": None,
    "state": "running",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "home/.openchronic/runs"
    place.mkdir(parents=True)
    return place


@pytest.fixture
def project(site_json: Callable[..., Path], tmp_path: Path) -> Project:
    home = {"home": str(tmp_path / "home")}
    return load_settings(site_json()).projects[1].model_copy(update=home)


def leave(folder: Path, name: str = NAME, *, log: str | bytes | None = None, **said: Any) -> Path:
    place = folder / f"{name}.json"
    place.write_text(json.dumps({**RECORD, **said}))
    if log is not None:
        content = log if isinstance(log, bytes) else log.encode()
        (folder / f"{name}.log").write_bytes(content)
    return place


def shown(project: Project) -> list[Shown]:
    return runs_of(ME, [project])


def test_a_run_is_shown_with_its_project_and_the_end_of_its_log(
    folder: Path, project: Project
) -> None:
    leave(folder, log="x\n" * 5000 + "fini", state="done", ended="2026-03-02T11:30:00+00:00")
    (found,) = shown(project)
    assert (found.file, found.project, found.state) == ("étude.ipynb", "Parcours", "terminé")
    assert found.started == "02/03/2026 à 12 h 00".replace(" h ", "\u00a0h\u00a0")
    assert found.log.splitlines() == ["x"] * 14 + ["fini"]


def test_a_run_that_says_nothing_more_was_interrupted(folder: Path, project: Project) -> None:
    place = leave(folder)
    assert shown(project)[0].state == "en cours"
    long_ago = time.time() - 400
    os.utime(place, (long_ago, long_ago))
    assert "interrompu" in shown(project)[0].state


def test_no_link_is_followed(folder: Path, project: Project, tmp_path: Path) -> None:
    secret = tmp_path / "shadow"
    secret.write_text(json.dumps({**RECORD, "file": "secret"}))
    (folder / f"{NAME}.json").symlink_to(secret)
    assert shown(project) == []
    (folder / f"{NAME}.json").unlink()
    leave(folder)
    (folder / f"{NAME}.log").symlink_to(secret)
    assert shown(project)[0].log == ""


@pytest.mark.parametrize("part", ["runs", ".openchronic"])
def test_no_folder_of_another_is_entered(
    folder: Path, project: Project, tmp_path: Path, part: str
) -> None:
    leave(folder)
    assert shown(project), "it would be shown here"
    mine = folder if part == "runs" else folder.parent
    elsewhere = mine.rename(tmp_path / "elsewhere")
    mine.symlink_to(elsewhere)
    assert shown(project) == []


def test_a_file_of_somebody_else_is_not_read(folder: Path, project: Project) -> None:
    leave(folder, log="leurs lignes")
    other = Person(login="claire", uid=os.getuid() + 1, gid=1, analysts_gid=1500)
    assert runs_of(other, [project]) == []


def test_a_pipe_makes_nobody_wait(folder: Path, project: Project) -> None:
    os.mkfifo(folder / f"{NAME}.json")
    began = time.monotonic()
    assert shown(project) == []
    leave(folder, "20260302-120000-abcd")
    os.mkfifo(folder / "20260302-120000-abcd.log")
    assert shown(project)[0].log == ""
    assert time.monotonic() - began < patience(5)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "1", "[" * 4000, '{"state": 1}' + " " * 5000, "\x00", '"\\ud800"', "9" * 4000],
)
def test_a_false_record_is_passed_over(folder: Path, project: Project, text: str) -> None:
    (folder / f"{NAME}.json").write_text(text)
    leave(folder, "20250101-000000-abcd")
    assert [one.id for one in shown(project)] == ["20250101-000000-abcd"]


def test_a_record_full_of_nonsense_is_shown_as_nonsense(folder: Path, project: Project) -> None:
    place = leave(folder, file=["x"] * 100, state={"a": 1}, started="9999-12-31T23:59:59-12:00", ended=-1)  # fmt: skip
    os.utime(place, (1e11, 1e11))
    (found,) = shown(project)
    assert found.state == "état inconnu"
    assert (found.started, found.ended) == ("", "")
    assert len(found.file) <= runs.LONGEST + 1


def test_nothing_floods_the_page(folder: Path, project: Project) -> None:
    for number in range(40):
        leave(folder, f"20260302-1100{number:02}-abcd", log="y" * 1_000_000, file="z" * 2000)
    found = shown(project)
    assert len(found) == runs.SHOWN
    assert found[0].id == "20260302-110039-abcd", "the newest first"
    assert max(len(one.log) for one in found) <= runs.LOG_BYTES
    assert max(len(one.file) for one in found) <= runs.LONGEST + 1


def test_markup_and_control_characters_are_text(folder: Path, project: Project) -> None:
    hostile = "</pre><script>alert(1)</script>\x1b[31m\u202egnp\r"
    leave(folder, file=f"/x/{hostile}", log=f"{hostile}\nplus\n")
    (found,) = shown(project)
    assert not set("\x1b\u202e\r") & set(found.file + found.log)
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    page = templates.get_template("home.html").render(
        default_server={"active": False}, runs=lambda: [found], base_url="/hub/"
    )
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "</pre><script" not in page


def test_the_colours_of_a_traceback_are_left_out(folder: Path, project: Project) -> None:
    leave(folder, log="\x1b[31mValueError\x1b[39m: exprès\n")
    assert shown(project)[0].log == "ValueError: exprès"


def test_somebody_without_an_account_or_a_home_has_no_runs(project: Project) -> None:
    assert runs_of(None, [project]) == []
    assert shown(project) == []


def test_a_member_by_a_group_of_the_directory_reads_their_runs_too(
    folder: Path, site_json: Callable[..., Path], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(folder)
    by_group = project.model_copy(update={"members": {}, "groups": ["etudes"]})
    site = load_settings(site_json()).model_copy(update={"projects": [by_group]})
    monkeypatch.setattr(runs, "find_person", lambda *_, **__: ME)
    claire = SimpleNamespace(name="claire")
    assert runs.of(claire, site) == []
    (found,) = runs.of(claire, site, groups_of=lambda _: frozenset({"etudes"}))
    assert found.project == project.title
