"""The operations that pyinfra lacks: whole trees of files, units that restart when needed, conditions, secrets.

Each reads a fact first and changes nothing when the server is as wanted. Files are sent on the standard input of one
command into a folder of mode 700 beside their place, then renamed: a full disk or a kill leaves the old file intact,
and nobody can read a secret on the way.
"""

import base64
import hashlib
import io
import shlex
import tarfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass

from pyinfra import logger
from pyinfra.api.command import PyinfraCommand, StringCommand
from pyinfra.api.operation import OperationMeta, operation
from pyinfra.context import host

from infra.operations.errors import DeployRefused
from infra.operations.facts import Entry, Holds, Tree, UnitIsCurrent, as_somebody
from infra.operations.ownership import note_files, note_tree

Commands = Generator[StringCommand, None, None]
# Operators' logins have the umask 027, under sudo too: files that a command creates must stay readable for the services.
UMASK = "umask 022"


@dataclass(frozen=True)
class File:
    """A file to write: content, octal mode, owner and group."""

    content: bytes
    mode: str = "644"
    owner: str = "root"
    group: str = "root"

    def entry(self) -> Entry:
        digest = hashlib.sha256(self.content).hexdigest()
        return Entry(self.mode, self.owner, self.group, digest)


@operation()
def tree(
    dest: str, files: Mapping[str, File], exclusive: bool = True, as_user: str | None = None
) -> Commands:
    """Make a directory hold exactly these files, by relative path; with exclusive=False, these and others.

    A directory that another user may write in is written with that user's rights (`as_user`), so that root follows none
    of their links.
    """
    if exclusive:
        note_tree(dest)
    else:
        note_files(f"{dest}/{name}" for name in files)
    there: dict[str, Entry] = host.get_fact(
        Tree,
        path=dest,
        names=None if exclusive else tuple(sorted(files)),
        as_user=as_user,
    )
    wanted = {name: file.entry() for name, file in files.items()}
    changed = {name: files[name] for name in files if there.get(name) != wanted[name]}
    extra = sorted(set(there) - set(wanted)) if exclusive else []
    if changed or extra:
        command = as_somebody(as_user, _replace_files(dest, sorted(changed), extra))
        yield StringCommand(command, _stdin=_tar_lines(changed))


def _replace_files(dest: str, names: Sequence[str], extra: Sequence[str]) -> str:
    folders = sorted({name.rpartition("/")[0] for name in names} - {""})
    steps = [f"set -e; {UMASK}; mkdir -p {shlex.quote(dest)}; cd {shlex.quote(dest)}"]
    if names:
        steps += [
            "s=$(mktemp -d ./.staging.XXXXXX)",
            "trap 'rm -rf \"$s\"' EXIT",
            'base64 -d | tar -C "$s" --same-owner -xpf -',
        ]
        if folders:
            steps.append(f"mkdir -p {shlex.join(folders)}")
        # sync before the rename: a power cut could otherwise leave an empty file.
        steps.append('sync "$s"')
        steps += [f'mv -fT "$s"/{shlex.quote(name)} {shlex.quote(name)}' for name in names]
    if extra:
        steps.append(f"rm -rf -- {shlex.join(extra)}")
        steps.append("find . -mindepth 1 -type d -empty -delete")
    return "; ".join(steps)


def _tar_lines(files: Mapping[str, File]) -> list[str]:
    """Return the files as a tar archive in base64, in the form of pyinfra's `_stdin`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, file in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(file.content)
            member.mode = int(file.mode, 8)
            # JupyterLab shows analysts the date of each file.
            member.mtime = int(time.time())
            member.uname, member.gname = file.owner, file.group
            archive.addfile(member, io.BytesIO(file.content))
    text = base64.encodebytes(buffer.getvalue()).decode()
    return [text] if files else []


@operation()
def unit(
    unit: str,
    watched: Sequence[str] = (),
    changes: Sequence[OperationMeta] = (),
    ready: str = "true",
    ready_s: int = 60,
    static: bool = False,
) -> Commands:
    """Enable a unit; restart it when it is not active, not `ready`, older than its `watched` files, or when one of
    `changes` changed something.

    It then waits up to `ready_s` seconds for the shell condition `ready`, and fails with the journal. A `static` unit
    cannot be enabled: another unit starts it.
    """
    current = host.get_fact(
        UnitIsCurrent, unit=unit, watched=tuple(watched), ready=ready, static=static
    )
    if current and not any(change.changed for change in changes):
        return
    name = shlex.quote(unit)
    waits = ready_s * 2
    enable = "true" if static else f"systemctl enable --quiet {name}"
    yield StringCommand(
        f"systemctl daemon-reload && {enable} && "
        f"systemctl reset-failed {name} 2>/dev/null; systemctl restart {name}; "
        f"for i in $(seq {waits}); do "
        f"if systemctl is-active --quiet {name} && ( {ready} ) >/dev/null 2>&1; then exit 0; fi; "
        f"sleep 0.5; done; "
        f"echo '{unit} did not become ready within {ready_s} s; its journal:' >&2; "
        f"journalctl --unit={name} --lines=30 --no-pager --output=cat >&2; exit 1"
    )


@operation()
def ensure(condition: str, command: str, stdin: str = "", timeout_s: int = 1800) -> Commands:
    """Run a shell command unless a condition holds already; fails when it does not hold afterwards."""
    if host.get_fact(Holds, condition=condition):
        return
    # A shell of its own, since the outer one ignores `set -e` before `&&`. An empty stdin is not sent: a command that
    # has ended by then would fail the deploy.
    checked = f"{UMASK}; sh -e -c {shlex.quote(command)} && ( {condition} ) >/dev/null"
    yield StringCommand(checked, _stdin=[stdin] if stdin else [], _timeout=timeout_s)


class FromHere(PyinfraCommand):
    """A command that runs a function on the operator's machine; a DeployRefused fails it with its message."""

    def __init__(self, action: Callable[[], None]) -> None:
        super().__init__()
        self.action = action

    def execute(self, *_: object) -> bool:
        try:
            self.action()
        except DeployRefused as refused:
            logger.error(str(refused))
            return False
        return True


@operation()
def from_here(
    condition: str, action: Callable[[], None], changes: Sequence[OperationMeta] = ()
) -> Generator[FromHere, None, None]:
    """Run `action` on the operator's machine if a shell condition fails on the server or one of `changes` changed it."""
    if not any(change.changed for change in changes) and host.get_fact(Holds, condition=condition):
        return
    yield FromHere(action)


@operation()
def secret(
    path: str, make: str, owner: str = "root", group: str = "root", mode: str = "600"
) -> Commands:
    """Make a secret once, on the server, from the output of the command `make`; it is never sent and never shown."""
    condition = f'[ -s {path} ] && [ "$(stat -c "%a %U %G" {path})" = "{mode} {owner} {group}" ]'
    if host.get_fact(Holds, condition=condition):
        return
    quoted = shlex.quote(path)
    yield StringCommand(
        f"set -e; umask 077; mkdir -p $(dirname {quoted}); "
        f"if [ ! -s {quoted} ]; then ( {make} ) > {quoted}.new; sync {quoted}.new; mv {quoted}.new {quoted}; fi; "
        f"chown --no-dereference {owner}:{group} {quoted}; chmod {mode} {quoted}"
    )
