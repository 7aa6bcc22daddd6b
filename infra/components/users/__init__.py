"""Makes analysts' accounts from the accounts file: without shell or password, with an end date, in one group, and no home."""

import datetime
import shlex
from collections.abc import Sequence

from pyinfra.api.command import StringCommand
from pyinfra.api.deploy import deploy
from pyinfra.api.operation import operation
from pyinfra.context import host

from infra.components.users.facts import Analysts, Login
from infra.operations.ops import Commands, ensure
from infra.settings import layout
from infra.settings.accounts import ANALYSTS, SMOKE_LOGINS, Account
from infra.settings.site import Storage

NOLOGIN = "/usr/sbin/nologin"


@deploy("Accounts")
def users(*, accounts: Sequence[Account], storage: Storage, today: datetime.date) -> None:
    ensure(
        name="Make the group of analysts",
        condition=f"getent group {ANALYSTS}",
        command=f"groupadd --force {ANALYSTS}",
    )
    homes = storage.homes
    for account in accounts:
        analyst(
            name=f"Settle the account {account.login}",
            login=account.login,
            full_name=account.name,
            end=account.end,
            home=f"{homes}/{account.login}",
            today=today,
        )
    for login in SMOKE_LOGINS:
        analyst(
            name=f"Settle the account {login}",
            login=login,
            full_name="Test de bon fonctionnement",
            end=None,
            home=f"{homes}/{login}",
            today=today,
        )
    retire(
        name="Lock the accounts that are gone from the file",
        kept=(*SMOKE_LOGINS, *(account.login for account in accounts)),
    )


@operation()
def analyst(
    login: str,
    full_name: str,
    end: datetime.date | None,
    home: str,
    today: datetime.date,
) -> Commands:
    """Make or change an account as the accounts file says. `end` is its last open day; None means no end."""
    there: Login | None = host.get_fact(Analysts, logins=(login,)).get(login)
    # The date of `useradd --expiredate` is the first day on which the account is closed.
    expires = "" if end is None else (end + datetime.timedelta(days=1)).isoformat()
    ended = end is not None and today > end
    quoted = shlex.quote(login)
    if there is None:
        yield StringCommand(
            f"useradd --no-create-home --home-dir {shlex.quote(home)} --shell {NOLOGIN} --user-group "
            f"--key UID_MIN={layout.FIRST_ANALYST_UID} --key UID_MAX={layout.LAST_UID} --comment {shlex.quote(full_name)} "
            f"--groups {ANALYSTS} --expiredate '{expires}' {quoted}"
        )
        if ended:
            yield _lock(login)
        return
    if (there.shell, there.home, there.groups) != (NOLOGIN, home, (ANALYSTS,)):
        yield StringCommand(
            f"usermod --shell {NOLOGIN} --home {shlex.quote(home)} --groups {ANALYSTS} {quoted}"
        )
    if there.expires != expires:
        yield StringCommand(f"usermod --expiredate '{expires}' {quoted}")
    if ended and there.password_open:
        yield _lock(login)
    if not ended and there.password_closed_by_us and login not in SMOKE_LOGINS:
        yield StringCommand(f"usermod --unlock {quoted}")


@operation()
def retire(kept: Sequence[str]) -> Commands:
    """Lock every analyst's account that the accounts file no longer names. Operators archive the homes themselves."""
    for login, there in sorted(host.get_fact(Analysts, logins=()).items()):
        if login not in kept and (there.password_open or there.expires != "1970-01-02"):
            yield StringCommand(f"usermod --expiredate 1970-01-02 {shlex.quote(login)}")
            yield _lock(login)


def _lock(login: str) -> StringCommand:
    """Return the command that locks the password and removes the running session of an account."""
    return StringCommand(
        f"usermod --lock {shlex.quote(login)}; "
        f"if command -v docker >/dev/null; then docker rm --force session-{login} >/dev/null 2>&1; fi; true"
    )
