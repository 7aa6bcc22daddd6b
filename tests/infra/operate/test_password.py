"""`make password`, with a fake ssh that records its calls."""

import datetime
import io
import os
import stat
from pathlib import Path

import pytest

from infra.operate import password
from infra.operate.password import PasswordError, open_account
from infra.operations import ssh
from infra.settings.site import Site
from infra.settings.site_file import load_site

SECRET = "correct horse battery"
FAKE_SSH = """#!/bin/sh
printf '%s\\n' "$*" >> "$NOTES/arguments"
case "$*" in
    *getent*) exit ${GETENT:-0} ;;
    *chpasswd*) cat >> "$NOTES/stdin"; [ -z "$FAILS" ] || { echo "chpasswd: $(cat "$NOTES/stdin")" >&2; exit 1; } ;;
esac
"""


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fake = tmp_path / "bin" / "ssh"
    fake.parent.mkdir()
    fake.write_text(FAKE_SSH)
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET + "\n"))
    return tmp_path


def test_the_password_goes_through_stdin_and_nowhere_else(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert password.main(["demo", "--site", "box"]) == 0
    assert (notes / "stdin").read_text() == f"demo:{SECRET}\n"
    assert SECRET not in (notes / "arguments").read_text()
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err


def test_a_generated_password_is_shown_once(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert password.main(["demo", "--generate"]) == 0
    secret = (notes / "stdin").read_text().strip().removeprefix("demo:")
    assert len(secret) >= 20
    assert capsys.readouterr().out.count(secret) == 1


def test_a_servers_error_does_not_repeat_the_password(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAILS", "1")
    assert password.main(["demo"]) == 1
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err
    assert "chpasswd" in shown.err


def test_a_login_that_the_server_does_not_have_yet(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GETENT", "2")
    assert password.main(["demo"]) == 1
    assert "make deploy SITE=box" in capsys.readouterr().err
    assert not (notes / "stdin").exists()


def test_an_unknown_login_is_refused_before_any_connection(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert password.main(["dem"]) == 1
    assert "did you mean demo?" in capsys.readouterr().err
    assert not (notes / "arguments").exists()


@pytest.mark.parametrize("secret", ["short", "fourteen chars", "twelve and a \x07 bell"])
def test_a_poor_password_is_refused(
    notes: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(secret + "\n"))
    assert password.main(["demo"]) == 1
    assert not (notes / "arguments").exists()


def test_an_ended_account_is_refused() -> None:
    box = load_site("box")
    assert open_account("demo", box, today=datetime.date(2027, 1, 1)).login == "demo"
    with pytest.raises(PasswordError, match=r"put a later end in infra/sites/box\.accounts\.toml"):
        open_account("demo", box, today=datetime.date(2100, 1, 1))


def test_ssh_goes_through_the_bastion_with_known_keys_only() -> None:
    box = load_site("box")
    ssh_settings = box.server.ssh.model_copy(
        update={
            "port": 2222,
            "bastion": "durand@bastion.example:2200",
            "key": Path("/k"),
            "known_hosts": Path("/h"),
        }
    )
    server = box.server.model_copy(update={"address": "big.example", "ssh": ssh_settings})
    site: Site = box.model_copy(update={"box": None, "server": server})
    command = ssh.ssh_command(site)
    through = command[-2].removeprefix("ProxyCommand=")
    assert through.endswith("-p 2200 -W big.example:2222 durand@bastion.example")
    assert command[-1] == f"{ssh_settings.user}@big.example"
    for text in (" ".join(command[:-2]), through):
        for option in ("StrictHostKeyChecking=yes", "BatchMode=yes", "UserKnownHostsFile=/h"):
            assert f"-o {option}" in text
        assert "-i /k" in text
    assert ssh.proxy_command(box) is None
