"""What a server says of itself: each fact is one remote command."""

import shlex
from dataclasses import dataclass

from pyinfra.api.facts import FactBase


def as_somebody(user: str | None, command: str) -> str:
    """The shell command with the rights of this user alone, in whose folder it works; as it is for None."""
    if user is None:
        return command
    name = shlex.quote(user)
    return (
        f"setpriv --reuid={name} --regid=$(id -g {name}) --init-groups sh -c {shlex.quote(command)}"
    )


@dataclass(frozen=True)
class Entry:
    """A file as it lies on the server; the mode in octal without a leading zero."""

    mode: str
    owner: str
    group: str
    sha256: str


class Tree(FactBase[dict[str, Entry]]):
    """The files of a directory, by path relative to it; `names` limits it to those files."""

    @staticmethod
    def default() -> dict[str, Entry]:
        return {}

    def command(
        self, path: str, names: tuple[str, ...] | None = None, as_user: str | None = None
    ) -> str:
        found = (
            "find . ! -type d -printf '%P\\0'"
            if names is None
            else f'for f in {shlex.join(names)}; do [ -e "$f" ] && printf \'%s\\0\' "$f"; done'
        )
        # What is no file is reported with the hash of nothing, so that it never equals a wanted one: a link, and a
        # pipe, which one would read for ever.
        each = (
            'for f; do if [ -L "$f" ] || [ ! -f "$f" ]; then h=other; else h=$(sha256sum < "$f"); fi; '
            'stat -c "%a %U %G ${h%% *} %n" -- "$f"; done'
        )
        # A plan asks before the deploy that makes the user.
        unless_there = f"id {shlex.quote(as_user)} >/dev/null 2>&1 || exit 0; " if as_user else ""
        return unless_there + as_somebody(
            as_user,
            f"cd {shlex.quote(path)} 2>/dev/null || exit 0; "
            f"{{ {found}; }} | xargs -0 -r sh -c {shlex.quote(each)} sh",
        )

    def process(self, output: list[str]) -> dict[str, Entry]:
        entries = {}
        for line in output:
            mode, owner, group, sha256, name = line.split(" ", 4)
            entries[name] = Entry(mode, owner, group, sha256)
        return entries


class Holds(FactBase[bool]):
    """Does a shell condition hold? Its output is ignored, its failure is the answer."""

    @staticmethod
    def default() -> bool:
        return False

    def command(self, condition: str) -> str:
        return f"if ( {condition} ) >/dev/null 2>&1; then echo yes; else echo no; fi"

    def process(self, output: list[str]) -> bool:
        return output[-1:] == ["yes"]


class Prints(FactBase[str]):
    """What a shell command prints; nothing when it fails."""

    @staticmethod
    def default() -> str:
        return ""

    def command(self, script: str) -> str:
        return f"( {script} ) 2>/dev/null || true"

    def process(self, output: list[str]) -> str:
        return "\n".join(output)


class UnitIsCurrent(FactBase[bool]):
    """Is a unit enabled, active, active since after its files last changed, and ready?

    A restart that an earlier deploy lost (it died in between) shows here, whatever files this one changes.
    """

    @staticmethod
    def default() -> bool:
        return False

    def command(
        self, unit: str, watched: tuple[str, ...] = (), ready: str = "true", static: bool = False
    ) -> str:
        show = f"systemctl show {shlex.quote(unit)} --timestamp=us+utc"
        newest = f"find {shlex.join(watched)} -printf '%C@\\n' 2>/dev/null | sort -n | tail -n 1"
        enabled = "true" if static else f"systemctl is-enabled --quiet {shlex.quote(unit)}"
        return (
            f"{enabled} && "
            f"systemctl is-active --quiet {shlex.quote(unit)} && "
            f"[ $({show} --property=NeedDaemonReload --value) = no ] && "
            f'since=$(date --date="$({show} --property=ActiveEnterTimestamp --value)" +%s.%N) && '
            f"changed=$({newest if watched else 'echo 0'}) && ( {ready} ) >/dev/null 2>&1 && "
            'echo "$since ${changed:-0}" || echo stale'
        )

    def process(self, output: list[str]) -> bool:
        if not output or output[-1] == "stale":
            return False
        since, changed = output[-1].split()
        return float(since) >= float(changed)
