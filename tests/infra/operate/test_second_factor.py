"""`make second-factor`, with a fake ssh that runs the commands here, in folders of the test."""

import json
import os
import stat
from pathlib import Path

import pytest

from infra.operate import password, second_factor
from infra.settings import layout
from infra.settings.site_file import load_site
from tests.smoke.__main__ import _refuse_what_cannot_work
from tests.smoke.running import CannotRun

FAKE_SSH = """#!/bin/sh
[ -z "$REFUSES" ] || { echo "sudo: no" >&2; exit 1; }
for last; do :; done
eval "$last"
"""
SUDO = '#!/bin/sh\nshift\nexec "$@"\n'
LOGGER = '#!/bin/sh\n[ -z "$NO_JOURNAL" ] || exit 1\nprintf "%s\\n" "$@" >> "$NOTES"\n'


@pytest.fixture
def factors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("ssh", FAKE_SSH), ("sudo", SUDO), ("logger", LOGGER)):
        (programs / name).write_text(text)
        (programs / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    for name in ("SECOND_FACTORS", "ENROLMENTS"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(layout, name, str(tmp_path / name))
        for login in ("demo", "alix"):
            (tmp_path / name / login).touch()
    return tmp_path


def test_it_says_who_has_one(factors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert second_factor.main(["demo"]) == 0
    assert "demo: last used or set up on 2" in capsys.readouterr().out
    (factors / "SECOND_FACTORS/demo").unlink()
    assert second_factor.main(["demo"]) == 0
    assert "demo: none" in capsys.readouterr().out
    assert not (factors / "notes").exists()


def test_a_reset_takes_away_one_and_is_on_record(
    factors: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUDO_USER", "durand")
    assert second_factor.main(["demo", "--reset"]) == 0
    assert "demo has none any more" in capsys.readouterr().out
    for name in ("SECOND_FACTORS", "ENROLMENTS"):
        assert [one.name for one in (factors / name).iterdir()] == ["alix"]
    noted = json.loads((factors / "notes").read_text().splitlines()[-1])
    assert noted["login"] == "demo"
    assert noted["event"] == "second factor reset"
    assert "durand" in noted["operator"]


def test_what_cannot_be_noted_is_not_done(
    factors: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_JOURNAL", "1")
    assert second_factor.main(["demo", "--reset"]) == 1
    assert (factors / "SECOND_FACTORS/demo").exists()
    assert "status 1" in capsys.readouterr().err


def test_a_refusal_of_the_server_is_told(
    factors: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REFUSES", "1")
    assert second_factor.main(["demo"]) == 1
    assert "sudo: no" in capsys.readouterr().err


@pytest.mark.parametrize("login", ["dem", "../demo", "demo;id", ""])
def test_an_unknown_login_is_refused_before_any_connection(
    factors: Path, capsys: pytest.CaptureFixture[str], login: str
) -> None:
    assert second_factor.main([login, "--reset"]) == 1
    assert "is not in" in capsys.readouterr().err
    assert not (factors / "notes").exists()


def test_what_a_provider_has_is_not_set_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = load_site("box")
    elsewhere = site.model_copy(update={"logins": site.logins.model_copy(update={"kind": "oidc"})})
    for verb, arguments in (
        (second_factor, ["demo", "--reset"]),
        (password, ["demo", "--generate"]),
    ):
        monkeypatch.setattr(verb, "load_site", lambda name: elsewhere)
        assert verb.main(arguments) == 1
        assert "log in at their provider" in capsys.readouterr().err
    with pytest.raises(CannotRun, match="log in at their provider"):
        _refuse_what_cannot_work(elsewhere, browser=False)
