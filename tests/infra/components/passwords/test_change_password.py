"""The helper that changes passwords, attacked by what it reads: it answers each with a refusal, and changes nothing."""

import argparse
import importlib.util
import json
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.components import passwords
from infra.settings import layout
from infra.settings.logins import Logins
from tests.pace import patience

OLD, NEW = "Premier-7-Mot-de-passe", "Autre:9-Montagnes!"
LINE = {"login": "demo", "old": OLD, "new": NEW}
GIVEN = argparse.Namespace(
    service="s", group="analysts", first_uid=1000, last_uid=59999, least_length=15, least_classes=4
)


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "change_password", passwords.FILES / "change_password.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


helper: Any = load()


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the file that a chpasswd of ours writes; PAM knows one analyst, and libpwquality likes all."""
    found = tmp_path / "set"
    program = tmp_path / "chpasswd"
    program.write_text(f"#!/bin/sh\ncat > {found}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def authenticate(login: str, word: str, **_: object) -> None:
        if (login, word) != ("demo", OLD):
            raise helper.pamela.PAMError(errno=7)

    monkeypatch.setattr(helper, "SET_IT", (str(program),))
    monkeypatch.setattr(helper.pamela, "authenticate", authenticate)
    monkeypatch.setattr(helper.pamela, "check_account", lambda *_, **__: None)
    monkeypatch.setattr(helper, "is_analyst", lambda login, _: login in ("demo", "alix"))
    monkeypatch.setattr(helper.strength, "_judged", lambda *_, **__: 50)
    yield found
    sys.path.remove(str(passwords.FILES)) if str(passwords.FILES) in sys.path else None


def refusal(raw: bytes) -> str:
    """Return why what was sent is refused; empty if the password was changed."""
    mine, its = socket.socketpair()
    with mine, its:
        threading.Thread(target=_send, args=(mine, raw), daemon=True).start()
        try:
            helper.change(*helper.parsed(helper.line_of(its, within_s=1)), GIVEN)
        except helper.Refused as reason:
            return str(reason)
    return ""


def _send(to: socket.socket, raw: bytes) -> None:
    try:
        to.sendall(raw)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def line(**changes: object) -> bytes:
    return json.dumps({**LINE, **changes}).encode() + b"\n"


def test_the_owner_changes_their_password(notes: Path) -> None:
    assert refusal(line()) == ""
    assert notes.read_text() == f"demo:{NEW}\n"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"old": "x"}, "old"),
        ({"old": ""}, "old"),
        ({"login": "alix"}, "old"),
        ({"login": "root"}, "login"),
        ({"login": "ops"}, "login"),
        ({"login": "demo:x"}, "login"),
        ({"login": ""}, "login"),
        ({"login": "a" * 100}, "login"),
        ({"login": "demo\nroot"}, "form"),
        ({"login": "demo\0"}, "form"),
        ({"new": f"{NEW}\nroot:{NEW}"}, "form"),
        ({"new": f"{NEW}\0"}, "form"),
        ({"new": f"{NEW}\r"}, "form"),
        ({"new": f"{NEW}\ud800"}, "form"),
        ({"new": f"{NEW}\u2028x"}, "characters"),
        ({"new": f" {NEW}"}, "characters"),
        ({"new": f"{NEW}e\u0301"}, "characters"),
        ({"new": "court"}, "length"),
        ({"new": NEW * 20}, "length"),
        ({"new": OLD}, "similar"),
        ({"new": None}, "form"),
        ({"new": [NEW]}, "form"),
        ({"old": 7}, "form"),
        ({"more": "x"}, "form"),
    ],
)
def test_what_is_not_the_owners_wish_changes_nothing(
    notes: Path, changes: dict[str, object], reason: str
) -> None:
    assert refusal(line(**changes)) == reason
    assert not notes.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"{",
        line()[:-1],
        line()[:-2] + b"\n",
        line() + line(),
        line() + b"x",
        b"[" * 4000 + b"\n",
        b"\xff\xfe\n",
        b"null\n",
        b"1e9999\n",
        b'{"login": "demo", "login": "root", "old": "x"}\n',
        b" " * 5000 + line(),
        b"a" * 10_000_000,
        b"\0" * 100 + b"\n",
    ],
    ids=map(str, range(15)),
)
def test_raw_bytes_change_nothing(notes: Path, raw: bytes) -> None:
    assert refusal(raw) == "form"
    assert not notes.exists()


@given(raw=st.binary(max_size=300))
def test_no_bytes_make_a_traceback(raw: bytes) -> None:
    try:
        login, old, new = helper.parsed(raw)
    except helper.Refused:
        return
    assert all(isinstance(one, str) for one in (login, old, new))


def test_half_a_line_is_waited_for_and_then_given_up() -> None:
    mine, its = socket.socketpair()
    with mine, its:
        mine.sendall(line()[:20])
        started = time.monotonic()
        with pytest.raises(helper.Refused, match="form"):
            helper.line_of(its, within_s=0.3)
        assert 0.2 < time.monotonic() - started < patience(5)


def test_a_drip_of_bytes_gains_no_time() -> None:
    mine, its = socket.socketpair()

    def drip() -> None:
        try:
            # For minutes: longer than any machine needs to give up.
            for _ in range(helper.LONGEST_LINE):
                mine.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    with mine, its:
        threading.Thread(target=drip, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(helper.Refused, match="form"):
            helper.line_of(its, within_s=0.5)
        assert time.monotonic() - started < patience(2)


def test_a_closed_account_changes_nothing_and_a_first_password_may_be_changed(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(errno: int) -> Any:
        def check(*_: object, **__: object) -> None:
            raise helper.pamela.PAMError(errno=errno)

        return check

    monkeypatch.setattr(helper.pamela, "check_account", closed(13))
    assert refusal(line()) == "login"
    assert not notes.exists()
    monkeypatch.setattr(helper.pamela, "check_account", closed(helper.NEW_PASSWORD_DUE))
    assert refusal(line()) == ""


def test_a_chpasswd_that_fails_is_told_without_the_password(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(helper, "SET_IT", ("sh", "-c", "cat >&2; exit 1"))
    assert refusal(line()) == "server"
    said = capfd.readouterr()
    assert NEW not in said.err + said.out


def test_without_a_judge_of_passwords_none_is_set(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> int:
        raise OSError("libpwquality.so.1: cannot open shared object file")

    monkeypatch.setattr(helper.strength, "_judged", missing)
    assert refusal(line()) == "server"
    assert not notes.exists()


def test_the_unit_asks_for_what_the_site_asks() -> None:
    units = passwords.unit_files(Logins(password_min_length=20, password_min_classes=2))
    text = units[layout.CHANGE_UNIT].content.decode()
    assert "--least-length 20 --least-classes 2" in text
    assert "SocketMode=0600" in units[layout.CHANGE_SOCKET_UNIT].content.decode()
