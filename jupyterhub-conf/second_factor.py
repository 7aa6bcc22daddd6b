"""The second factors: a secret a login, in a file that pam_oath reads and rewrites. Whoever has such a file is asked for
codes; without it, they set one up at their next login.

One that is being set up lies in another folder until PAM has accepted a first code, which is thereby used.
"""

import base64
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import credentials
import segno

# As long as SHA-1's digest, which is what authenticator applications compute with.
SECRET_BYTES = 20
# A secret that was shown and not confirmed is replaced after this long.
SHOWN_FOR_S = 3600.0
# The login is a file's name; pam_oath makes files with these endings beside it.
NAME = re.compile(r"(?!.*\.(?:lock|new)\Z)[a-z_][a-z0-9_.@-]*\Z")
CODE = re.compile(r"[0-9]{6}\Z")


@dataclass(frozen=True)
class SecondFactors:
    folder: Path
    enrolments: Path
    code_service: str
    enrolment_service: str
    issuer: str

    def has(self, login: str) -> bool:
        """Whether codes are asked of this login. A file that cannot be read is there too, and then no code is right."""
        return os.path.lexists(self.folder / _name(login))

    def is_right(self, login: str, code: str) -> bool:
        return bool(CODE.match(tidy(code))) and credentials.is_right(
            login, tidy(code), service=self.code_service
        )

    def offered(self, login: str) -> str:
        """Return the secret (base32) that the login may set up: the one that was shown a moment ago, or a new one."""
        place = self.enrolments / _name(login)
        try:
            if time.time() - place.stat().st_mtime < SHOWN_FOR_S:
                return _secret_in(place.read_text())
        except (OSError, ValueError, IndexError):
            pass
        secret = secrets.token_bytes(SECRET_BYTES)
        _write(place, f"HOTP/T30/6 {login} - {secret.hex()}\n")
        return _base32(secret)

    def confirm(self, login: str, code: str) -> bool:
        """Put the secret that was offered into force if the code is right."""
        place = self.enrolments / _name(login)
        if self.has(login) or not place.exists() or not CODE.match(tidy(code)):
            return False
        if not credentials.is_right(login, tidy(code), service=self.enrolment_service):
            return False
        place.rename(self.folder / _name(login))
        for folder in (self.folder, self.enrolments):
            _sync(folder)
        return True

    def uri(self, login: str, secret: str) -> str:
        """Return what the QR code holds (otpauth, as authenticator applications read it)."""
        issuer = quote(self.issuer, safe="")
        return f"otpauth://totp/{issuer}:{quote(login, safe='')}?secret={secret}&issuer={issuer}"


def picture(uri: str) -> str:
    """Return the QR code as SVG, without a style of its own, which the pages' policy would refuse."""
    code = segno.make(uri, error="m")
    return str(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff"))


def tidy(code: str) -> str:
    """Return a code without the spaces with which applications show it."""
    return re.sub(r"\s", "", code)[:16]


def _name(login: str) -> str:
    if not NAME.match(login):
        raise ValueError("no name of a file")
    return login


def _secret_in(line: str) -> str:
    return _base32(bytes.fromhex(line.split()[3]))


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def _write(place: Path, text: str) -> None:
    partial = place.with_name(f"{place.name}.new")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(place)
    _sync(place.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
