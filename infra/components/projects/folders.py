"""Returns the shell commands that make a subvolume with its owner, rights and quota, and the conditions that it is so."""

import shlex
from dataclasses import dataclass

from infra.operations.folders import sound


@dataclass(frozen=True, kw_only=True)
class Subvolume:
    path: str
    owner: str
    group: str
    mode: str
    limit: int
    """Bytes of its quota, which counts subvolumes that are made inside it later, too."""
    shared: bool = False
    """Whether all that is made inside is its group's to read and to write, whatever the umask."""

    def condition(self) -> str:
        """Return the condition that the folder is as it should be, and writable."""
        path = shlex.quote(self.path)
        number = f"$(btrfs inspect-internal rootid {path})"
        counted = (
            f"btrfs qgroup show --raw -rp --sync {path} | awk -v own=0/{number} -v all=1/{number} "
            f"'$1 == own && $5 == all {{ joined = 1 }} $1 == all && $4 == {self.limit} {{ limited = 1 }} "
            "END { exit !(joined && limited) }'"
        )
        steps = [
            sound(self.path),
            f'[ "$(stat -c "%U %G %a" {path})" = "{self.owner} {self.group} {self.mode}" ]',
            f'[ "$(btrfs property get -ts {path} ro)" = ro=false ]',
            *self._shared_already(),
            counted,
        ]
        return " && ".join(steps)

    def command(self) -> str:
        """Return the command that makes it so. Root touches only the folder itself, whose parent belongs to root: its
        users could put links inside."""
        path = shlex.quote(self.path)
        return (
            f"{{ [ -e {path} ] || [ -L {path} ] || btrfs subvolume create {path}; }} && {sound(self.path)} && "
            # A right that is prolonged: what had ended was made read-only.
            f"btrfs property set -ts {path} ro false && {self._share()}"
            f"chown --no-dereference {self.owner}:{self.group} {path} && chmod {self.mode} {path} && "
            f"id=$(btrfs inspect-internal rootid {path}) && {{ "
            f"btrfs qgroup create 1/$id {path} 2>/dev/null || true; "
            f"btrfs qgroup assign 0/$id 1/$id {path} 2>/dev/null || true; "
            f"btrfs qgroup limit {self.limit} 1/$id {path}; }}"
        )

    def _entries(self) -> tuple[str, ...]:
        """Return the default rights of what is made inside. The group is named besides: it keeps its rights in a file
        that somebody gives to another of their groups."""
        return (
            "user::rwx",
            "group::rwx",
            f"group:{self.group}:rwx",
            "mask::rwx",
            "other::---",
        )

    def _share(self) -> str:
        if not self.shared:
            return ""
        path = shlex.quote(self.path)
        entries = ",".join(self._entries())
        return f"setfacl --remove-default {path} && setfacl --default --modify {entries} {path} && "

    def _shared_already(self) -> tuple[str, ...]:
        if not self.shared:
            return ()
        shown = f"getfacl --absolute-names --omit-header --default {shlex.quote(self.path)}"
        return (f'[ "$({shown} | paste -sd, | sed "s/,*$//")" = "{",".join(self._entries())}" ]',)
