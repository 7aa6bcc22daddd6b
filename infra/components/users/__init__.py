"""Makes analysts' accounts from the accounts file: without shell or password, with an end date and a home with a quota."""

import datetime
import shlex
from collections.abc import Sequence

from pyinfra.api.command import StringCommand
from pyinfra.api.deploy import deploy
from pyinfra.api.operation import operation
from pyinfra.context import host

from infra.components.users.facts import Analysts, Login
from infra.operations.folders import sound
from infra.operations.ops import Commands, ensure
from infra.settings import layout
from infra.settings.accounts import ANALYSTS, SMOKE_LOGINS, Account
from infra.settings.settings_file import GB
from infra.settings.site import Storage

NOLOGIN = "/usr/sbin/nologin"


@deploy("Accounts")
def users(*, accounts: Sequence[Account], storage: Storage, today: datetime.date) -> None:
    groups = sorted({ANALYSTS, *(group for account in accounts for group in account.groups)})
    ensure(
        name="Make the groups",
        condition=" && ".join(f"getent group {shlex.quote(group)}" for group in groups),
        command="; ".join(f"groupadd --force {shlex.quote(group)}" for group in groups),
    )
    homes = storage.homes
    for account in accounts:
        analyst(
            name=f"Settle the account {account.login}",
            login=account.login,
            full_name=account.name,
            groups=account.groups,
            end=account.end,
            home=f"{homes}/{account.login}",
            today=today,
        )
    for login in SMOKE_LOGINS:
        analyst(
            name=f"Settle the account {login}",
            login=login,
            full_name="Test de bon fonctionnement",
            groups=(),
            end=None,
            home=f"{homes}/{login}",
            today=today,
        )
    retire(
        name="Lock the accounts that are gone from the file",
        kept=(*SMOKE_LOGINS, *(account.login for account in accounts)),
    )
    for login in (*SMOKE_LOGINS, *(account.login for account in accounts)):
        _home(login, homes=homes, quota_gb=storage.home_quota_gb)


@operation()
def analyst(
    login: str,
    full_name: str,
    groups: Sequence[str],
    end: datetime.date | None,
    home: str,
    today: datetime.date,
) -> Commands:
    """Make or change an account as the accounts file says. `end` is its last open day; None means no end."""
    there: Login | None = host.get_fact(Analysts, logins=(login,)).get(login)
    wanted = tuple(sorted({ANALYSTS, *groups}))
    # The date of `useradd --expiredate` is the first day on which the account is closed.
    expires = "" if end is None else (end + datetime.timedelta(days=1)).isoformat()
    ended = end is not None and today > end
    quoted = shlex.quote(login)
    if there is None:
        yield StringCommand(
            f"useradd --no-create-home --home-dir {shlex.quote(home)} --shell {NOLOGIN} --user-group "
            f"--key UID_MIN={layout.FIRST_ANALYST_UID} --key UID_MAX={layout.LAST_UID} --comment {shlex.quote(full_name)} "
            f"--groups {','.join(wanted)} --expiredate '{expires}' {quoted}"
        )
        if ended:
            yield _lock(login)
        return
    if (there.shell, there.home, there.groups) != (NOLOGIN, home, wanted):
        yield StringCommand(
            f"usermod --shell {NOLOGIN} --home {shlex.quote(home)} --groups {','.join(wanted)} {quoted}"
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


def _home(login: str, *, homes: str, quota_gb: float) -> None:
    """Make a home: a btrfs subvolume, and a quota on the qgroup that also counts subvolumes made inside it later."""
    home = f"{homes}/{login}"
    path = shlex.quote(home)
    limit = round(quota_gb * GB)
    group = f"$(btrfs inspect-internal rootid {path})"
    counted = (
        f"btrfs qgroup show --raw -rp --sync {path} | awk -v own=0/{group} -v all=1/{group} "
        f"'$1 == own && $5 == all {{ joined = 1 }} $1 == all && $4 == {limit} {{ limited = 1 }} "
        "END { exit !(joined && limited) }'"
    )
    ensure(
        name=f"Settle the home of {login}",
        condition=f'{sound(home)} && [ "$(stat -c "%U %a" {path})" = "{login} 700" ] && {counted}',
        command=home_command(login, home, limit=limit),
    )


def home_command(login: str, home: str, *, limit: int) -> str:
    """Return the command that makes a home with its quota of `limit` bytes. Root touches only the folder itself, whose
    parent belongs to root: its owner could put links inside."""
    path = shlex.quote(home)
    return (
        f"{{ [ -e {path} ] || [ -L {path} ] || btrfs subvolume create {path}; }} && {sound(home)} && "
        f"chown --no-dereference {login}:{login} {path} && chmod 700 {path} && "
        f"id=$(btrfs inspect-internal rootid {path}) && {{ "
        f"btrfs qgroup create 1/$id {path} 2>/dev/null || true; "
        f"btrfs qgroup assign 0/$id 1/$id {path} 2>/dev/null || true; "
        f"btrfs qgroup limit {limit} 1/$id {path}; }}"
    )
