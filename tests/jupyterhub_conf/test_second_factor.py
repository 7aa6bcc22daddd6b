"""Second factors: what is written is what pam_oath and authenticator applications read; nothing is in force unconfirmed."""

import os
import stat
from pathlib import Path
from typing import Any

import credentials
import pyotp
import pytest
from second_factor import SHOWN_FOR_S, SecondFactors, picture, tidy

from tests.jupyterhub_conf.conftest import CONFIGURATION


@pytest.fixture
def factors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SecondFactors:
    """Give second factors whose codes are checked by another library, in the place of PAM."""
    assert CONFIGURATION.is_dir()
    for name in ("enrolments", "force"):
        (tmp_path / name).mkdir()

    def is_right(login: str, code: str, *, service: str) -> bool:
        file = tmp_path / service / login
        return file.exists() and code == pyotp.TOTP(secret_in(file)).now()

    monkeypatch.setattr(credentials, "is_right", is_right)
    return SecondFactors(
        folder=tmp_path / "force",
        enrolments=tmp_path / "enrolments",
        code_service="force",
        enrolment_service="enrolments",
        issuer="Serveur de l'étude : n° 1",
    )


def secret_in(file: Path) -> str:
    import base64

    return base64.b32encode(bytes.fromhex(file.read_text().split()[3])).decode()


def test_what_is_offered_is_in_force_only_once_a_code_confirmed_it(factors: SecondFactors) -> None:
    secret = factors.offered("demo")
    assert not factors.has("demo")
    assert not factors.confirm("demo", "12345")
    assert not factors.confirm("demo", pyotp.TOTP(pyotp.random_base32()).now())
    assert not factors.has("demo")
    assert factors.confirm("demo", pyotp.TOTP(secret).now())
    assert factors.has("demo")
    assert factors.is_right("demo", pyotp.TOTP(secret).now())
    assert list(factors.enrolments.iterdir()) == []


def test_the_file_is_a_line_of_pam_oath_for_root_alone(factors: SecondFactors) -> None:
    secret = factors.offered("demo")
    file = factors.enrolments / "demo"
    assert file.read_text().split()[:3] == ["HOTP/T30/6", "demo", "-"]
    assert secret_in(file) == secret
    assert len(bytes.fromhex(file.read_text().split()[3])) == 20
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_code_that_was_typed_wrong_does_not_make_the_secret_another(
    factors: SecondFactors,
) -> None:
    secret = factors.offered("demo")
    factors.confirm("demo", "000000")
    assert factors.offered("demo") == secret
    assert factors.offered("alix") != secret


def test_a_secret_that_was_shown_long_ago_is_no_more_to_be_had(factors: SecondFactors) -> None:
    secret = factors.offered("demo")
    then = (factors.enrolments / "demo").stat().st_mtime - SHOWN_FOR_S - 1
    os.utime(factors.enrolments / "demo", (then, then))
    assert factors.offered("demo") != secret


def test_one_in_force_is_not_replaced(factors: SecondFactors) -> None:
    """Whoever sits at an open browser must not put their own telephone in the place of the user's."""
    first = factors.offered("demo")
    assert factors.confirm("demo", pyotp.TOTP(first).now())
    second = factors.offered("demo")
    assert not factors.confirm("demo", pyotp.TOTP(second).now())
    assert factors.is_right("demo", pyotp.TOTP(first).now())


def test_a_damaged_file_asks_for_codes_and_takes_none(factors: SecondFactors) -> None:
    (factors.folder / "demo").write_text("")
    assert factors.has("demo")
    (factors.folder / "alix").symlink_to("/nowhere")
    assert factors.has("alix")


@pytest.mark.parametrize(
    "login", ["../demo", "a/b", "", ".", "Demo", "demo\n", "demo.new", "a.lock"]
)
def test_a_login_that_is_no_name_of_a_file_reaches_none(factors: SecondFactors, login: str) -> None:
    for ask in (factors.has, factors.offered):
        with pytest.raises(ValueError, match="no name of a file"):
            ask(login)


def test_applications_read_the_code_as_meant(factors: SecondFactors) -> None:
    secret = factors.offered("demo")
    read: Any = pyotp.parse_uri(factors.uri("demo", secret))
    assert (read.secret, read.name, read.issuer) == (secret, "demo", factors.issuer)
    assert (read.digits, read.interval) == (6, 30)


def test_the_picture_has_no_style_and_no_size_of_its_own() -> None:
    """The pages' policy refuses styles in attributes, and a narrow screen needs a picture that shrinks."""
    drawn = picture("otpauth://totp/x:demo?secret=AAAA&issuer=x")
    assert drawn.startswith("<svg")
    assert "viewBox=" in drawn
    assert not {"style=", "<script", "width=", "http://www"} & set(
        drawn.replace("xmlns", "").split()
    )


def test_a_code_is_read_as_applications_show_it() -> None:
    assert tidy(" 123 456\u00a0") == "123456"
    assert len(tidy("9" * 10_000)) <= 16
