"""The smoke test's accounts, which are locked except while it runs."""

import base64
import secrets
from dataclasses import dataclass

import pyotp

from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS
from tests.server.machine import Machine

# If this machine dies during the test, a timer on the server locks the accounts.
DEAD_MAN = "smoke-test-lock"
DEAD_MAN_AFTER = "40min"
_LOCK = (
    f"sh -c \"for a in {' '.join(SMOKE_LOGINS)}; do usermod --password '!' \\$a; "
    f'rm -f {layout.SECOND_FACTORS}/\\$a {layout.ENROLMENTS}/\\$a; done"'
)


@dataclass(frozen=True)
class Key:
    """What opens an account: its password and, where the site asks for codes, the secret of these (base32)."""

    password: str
    secret: str


def unlock(server: Machine) -> tuple[Key, ...]:
    """Set and return a random password for each account, and a random second factor if the site asks for one; only this
    process and the server's own files hold them."""
    asked = server.site.logins.second_factor
    keys = tuple(
        Key(secrets.token_urlsafe(24), pyotp.random_base32() if asked else "") for _ in SMOKE_LOGINS
    )
    server.succeed(
        f"systemd-run --quiet --collect --unit={DEAD_MAN} --on-active={DEAD_MAN_AFTER} {_LOCK}"
    )
    # On standard input: an argument could be read in the server's process list.
    lines = (f"{login}:{key.password}\n" for login, key in zip(SMOKE_LOGINS, keys, strict=True))
    server.succeed("chpasswd", stdin="".join(lines))
    for login, key in zip(SMOKE_LOGINS, keys, strict=True):
        if key.secret:
            line = f"HOTP/T30/6 {login} - {base64.b32decode(key.secret).hex()}\n"
            server.succeed(f"umask 077; cat > {layout.SECOND_FACTORS}/{login}", stdin=line)
    return keys


def lock(server: Machine) -> None:
    server.succeed(_LOCK)
    server.execute(f"systemctl stop {DEAD_MAN}.timer")
    if not is_locked(server):
        raise AssertionError(f"a smoke test's account is still open: `{_LOCK}`")


def is_locked(server: Machine) -> bool:
    """Whether no account accepts a password (its hash begins with `!` or `*`), and none has a secret left."""
    left = " ".join(f"{layout.SECOND_FACTORS}/{login}" for login in SMOKE_LOGINS)
    if server.execute(f"ls {left} 2>/dev/null").out:
        return False
    lines = server.succeed(f"getent shadow {' '.join(SMOKE_LOGINS)}").splitlines()
    assert len(lines) == len(SMOKE_LOGINS), lines
    return all(line.split(":")[1].startswith(("!", "*")) for line in lines)
