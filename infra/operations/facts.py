"""The pyinfra facts that operations read: each runs one command on the server."""

import re
import shlex
from dataclasses import dataclass

from pyinfra.api.facts import FactBase

# A line of sha256sum; and what stands for the hash of a link or a pipe, which no wanted file has.
HASHED = re.compile(r"[0-9a-f]{64}  ")
OTHER = "other"


def as_somebody(user: str | None, command: str) -> str:
    """Return the shell command run with this user's rights only, so that root follows no link of theirs; None: as it is."""
    if user is None:
        return command
    name = shlex.quote(user)
    return (
        f"setpriv --reuid={name} --regid=$(id -g {name}) --init-groups sh -c {shlex.quote(command)}"
    )


@dataclass(frozen=True)
class Entry:
    """A file on the server: its mode in octal without a leading zero, owner, group and SHA-256."""

    mode: str
    owner: str
    group: str
    sha256: str


class Tree(FactBase[dict[str, Entry]]):
    """The files of a directory by relative path; with `names`, these only. Empty when the directory is missing."""

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
        # Two programs for many files: two for each would take a deploy seconds of the server's processors. Reading a pipe
        # would never end. A file that goes meanwhile is none.
        each = (
            'stat -c "%a %U %G %n" -- "$@"; for f; do [ -L "$f" ] || [ ! -f "$f" ] || printf "%s\\0" "$f"; done '
            "| xargs -0 -r sha256sum --zero -- | tr '\\0' '\\n'; true"
        )
        # `make plan` may run before the first deploy has made the user.
        unless_there = f"id {shlex.quote(as_user)} >/dev/null 2>&1 || exit 0; " if as_user else ""
        return unless_there + as_somebody(
            as_user,
            f"cd {shlex.quote(path)} 2>/dev/null || exit 0; "
            f"{{ {found}; }} | xargs -0 -r sh -c {shlex.quote(each)} sh",
        )

    def process(self, output: list[str]) -> dict[str, Entry]:
        hashed = [line.split("  ", 1) for line in output if HASHED.match(line)]
        digests = {name: digest for digest, name in hashed}
        entries = {}
        for line in output:
            if not HASHED.match(line):
                mode, owner, group, name = line.split(" ", 3)
                entries[name] = Entry(mode, owner, group, digests.get(name, OTHER))
        return entries


class Holds(FactBase[bool]):
    """Whether a shell condition holds (exit status 0); its output is ignored."""

    @staticmethod
    def default() -> bool:
        return False

    def command(self, condition: str) -> str:
        return f"if ( {condition} ) >/dev/null 2>&1; then echo yes; else echo no; fi"

    def process(self, output: list[str]) -> bool:
        return output[-1:] == ["yes"]


class Prints(FactBase[str]):
    """The standard output of a shell command; what a failing command printed is kept, its errors are not."""

    @staticmethod
    def default() -> str:
        return ""

    def command(self, script: str) -> str:
        return f"( {script} ) 2>/dev/null || true"

    def process(self, output: list[str]) -> str:
        return "\n".join(output)


class UnitIsCurrent(FactBase[bool]):
    """Whether a unit is enabled, active since after the last change of its `watched` files, and `ready`.

    So a restart that is missing because an earlier deploy stopped half-way is noticed, whatever this deploy changes.
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
