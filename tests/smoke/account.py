"""The smoke test's accounts, which are locked except while it runs."""

import secrets

from infra.settings.accounts import SMOKE_LOGINS
from tests.server.machine import Machine

# If this machine dies during the test, a timer on the server locks the accounts.
DEAD_MAN = "smoke-test-lock"
DEAD_MAN_AFTER = "40min"
_LOCK = f"sh -c \"for a in {' '.join(SMOKE_LOGINS)}; do usermod --password '!' \\$a; done\""


def unlock(server: Machine) -> tuple[str, ...]:
    """Set and return a random password for each account; only this process and the shadow file hold it."""
    passwords = tuple(secrets.token_urlsafe(24) for _ in SMOKE_LOGINS)
    server.succeed(
        f"systemd-run --quiet --collect --unit={DEAD_MAN} --on-active={DEAD_MAN_AFTER} {_LOCK}"
    )
    # On standard input: an argument could be read in the server's process list.
    lines = (f"{login}:{word}\n" for login, word in zip(SMOKE_LOGINS, passwords, strict=True))
    server.succeed("chpasswd", stdin="".join(lines))
    return passwords


def lock(server: Machine) -> None:
    server.succeed(_LOCK)
    server.execute(f"systemctl stop {DEAD_MAN}.timer")
    if not is_locked(server):
        raise AssertionError(f"a smoke test's account still has a password: `{_LOCK}`")


def is_locked(server: Machine) -> bool:
    """Whether no account accepts a password (its hash begins with `!` or `*`)."""
    lines = server.succeed(f"getent shadow {' '.join(SMOKE_LOGINS)}").splitlines()
    assert len(lines) == len(SMOKE_LOGINS), lines
    return all(line.split(":")[1].startswith(("!", "*")) for line in lines)
