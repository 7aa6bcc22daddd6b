"""The pyinfra fact that reads the analysts' accounts on the server."""

import shlex
from dataclasses import dataclass

from pyinfra.api.facts import FactBase

from infra.settings.accounts import ANALYSTS


@dataclass(frozen=True)
class Login:
    home: str
    shell: str
    groups: tuple[str, ...]
    expires: str
    """ISO date from which the account is closed; empty for never."""
    password_open: bool
    """Whether there is a password hash that is not locked."""
    password_closed_by_us: bool
    """Whether `usermod --lock` locked the password hash; `--unlock` would restore it."""


class Analysts(FactBase[dict[str, Login]]):
    """The accounts of `logins` that exist, by login; without any, those of the analysts' group.

    Each account costs the server some programs: a deploy that asked for all of them at each would take long with many.
    """

    @staticmethod
    def default() -> dict[str, Login]:
        return {}

    def command(self, logins: tuple[str, ...]) -> str:
        members = f"getent group {ANALYSTS} | cut -d: -f4 | tr , '\\n' | sort -u | grep ."
        wanted = f"printf '%s\\n' {shlex.join(logins)}" if logins else members
        # The password hash does not leave the server: only whether it is locked, open or missing.
        each = (
            'for l; do p=$(getent passwd "$l") || continue; s=$(getent shadow "$l"); '
            'h=$(printf %s "$s" | cut -d: -f2); case "$h" in "!"*"\\$"*) k=closed;; "\\$"*) k=open;; *) k=none;; esac; '
            'e=$(printf %s "$s" | cut -d: -f8); [ -z "$e" ] || e=$(date -u -d "@$((e * 86400))" +%F); '
            'g=$(id -nG "$l" | tr " " ,); '
            'printf "%s|%s|%s|%s|%s|%s\\n" "$l" "$(printf %s "$p" | cut -d: -f6)" '
            '"$(printf %s "$p" | cut -d: -f7)" "$g" "$e" "$k"; done'
        )
        return f"{wanted} | xargs -r sh -c {shlex.quote(each)} sh"

    def process(self, output: list[str]) -> dict[str, Login]:
        found = {}
        for line in output:
            login, home, shell, groups, expires, lock = line.split("|")
            found[login] = Login(
                home=home,
                shell=shell,
                groups=tuple(sorted(set(groups.split(",")) - {login})),
                expires=expires,
                password_open=lock == "open",
                password_closed_by_us=lock == "closed",
            )
        return found
