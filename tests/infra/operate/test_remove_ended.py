"""`make remove-ended`, with a fake ssh that answers as the server does and records what it is asked."""

import io
import json
import os
import stat
from pathlib import Path

import pytest

from infra.operate import remove_ended
from infra.settings import layout

HOME = f"{layout.HOMES}/ada@soins"
ENDED = [
    {
        "path": f"{layout.TEAMS}/soins",
        "project": "soins",
        "login": None,
        "since": "2025-01-02",
        "bytes": 3 * 2**30,
    },
    {"path": HOME, "project": "soins", "login": "ada", "since": "2025-02-03", "bytes": None},
]
FAKE_SSH = """#!/bin/sh
printf '%s\\n' "$*" >> "$NOTES/arguments"
case "$*" in
    *" ended") cat "$NOTES/ended" ;;
    *" remove") cat > "$NOTES/asked"; [ -z "$FAILS" ] || { echo "not removed: it changed" >&2; exit 1; }; echo "removed: it" ;;
esac
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fake = tmp_path / "bin" / "ssh"
    fake.parent.mkdir()
    fake.write_text(FAKE_SSH)
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "ended").write_text(json.dumps(ENDED))
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path))
    monkeypatch.delenv("YES", raising=False)
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(remove_ended, "reach", lambda site: None)
    monkeypatch.setattr("sys.stdin", Terminal("box\n"))
    return tmp_path


def test_what_ended_is_listed_and_goes_when_the_sites_name_is_typed(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert remove_ended.main(["--site", "box"]) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert shown[:3] == [
        ["folder", "project", "whose", "ended", "size"],
        [f"{layout.TEAMS}/soins", "soins", "everybody's", "2025-01-02", "3.00", "GB"],
        [HOME, "soins", "ada", "2025-02-03", "unknown"],
    ]
    asked = json.loads((notes / "asked").read_text())
    assert asked["paths"] == [f"{layout.TEAMS}/soins", HOME]
    assert asked["operator"]


@pytest.mark.parametrize("typed", ["yes\n", "boxes\n", "\n"])
def test_anything_else_that_is_typed_removes_nothing(
    typed: str, notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert remove_ended.main(["--site", "box"]) == 1
    assert "nothing was removed" in capsys.readouterr().err
    assert not (notes / "asked").exists()


def test_an_end_of_the_terminal_removes_nothing(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert remove_ended.main(["--site", "box"]) == 130
    assert not (notes / "asked").exists()


def test_without_a_terminal_somebody_must_have_agreed_before(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("box\n"))
    assert remove_ended.main(["--site", "box"]) == 1
    assert "YES=1" in capsys.readouterr().err
    assert not (notes / "asked").exists()
    monkeypatch.setenv("YES", "1")
    assert remove_ended.main(["--site", "box"]) == 0
    assert (notes / "asked").exists()


def test_nothing_to_remove_is_said_and_nothing_is_asked(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (notes / "ended").write_text("[]")
    assert remove_ended.main(["--site", "box"]) == 0
    assert "nothing to remove" in capsys.readouterr().out
    assert not (notes / "asked").exists()


def test_what_the_server_refuses_is_told(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAILS", "1")
    assert remove_ended.main(["--site", "box"]) == 1
    assert "not removed: it changed" in capsys.readouterr().err


def test_its_help_says_what_it_will_do_and_what_answers_for_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        remove_ended.main(["--help"])
    said = capsys.readouterr().out
    assert "keep_ended_days" in said
    assert "YES=1" in said
