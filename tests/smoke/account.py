"""The smoke test's own account: locked, but while the test runs."""

import secrets

from infra.accounts import SMOKE_LOGIN
from tests.server.machine import Machine

# Should this machine die during the test, the server locks the account by itself.
DEAD_MAN = "smoke-test-lock"
DEAD_MAN_AFTER = "40min"
_LOCK = f"usermod --password '!' {SMOKE_LOGIN}"


def unlock(server: Machine) -> str:
    """A random password, known to this process and to the server's shadow file alone."""
    password = secrets.token_urlsafe(24)
    server.succeed(
        f"systemd-run --quiet --collect --unit={DEAD_MAN} --on-active={DEAD_MAN_AFTER} {_LOCK}"
    )
    # On standard input: an argument could be read in the server's process list.
    server.succeed("chpasswd", stdin=f"{SMOKE_LOGIN}:{password}\n")
    return password


def lock(server: Machine) -> None:
    server.succeed(_LOCK)
    server.execute(f"systemctl stop {DEAD_MAN}.timer")
    if not is_locked(server):
        raise AssertionError(f"{SMOKE_LOGIN} still has a password: `usermod --lock {SMOKE_LOGIN}`")


def is_locked(server: Machine) -> bool:
    """No password opens it (a hash that begins with `!` or `*`)."""
    hashed = server.succeed(f"getent shadow {SMOKE_LOGIN}").split(":")[1]
    return hashed.startswith(("!", "*"))
