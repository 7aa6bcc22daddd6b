"""The operation that makes a folder on the server, also one that belongs to another user than root.

Root follows no link on the way: see folders.sh, which root's scripts on the server source too.
"""

import shlex
from pathlib import Path

from pyinfra.api.operation import operation

from infra.operations.ops import Commands, ensure

SOUND = (Path(__file__).parent / "folders.sh").read_text(encoding="utf-8")


def sound(path: str, *, make: bool = False) -> str:
    """Return a shell command that fails, with the reason, if another user could replace part of the path by a link.

    With `make`, it creates the missing parts of the path.
    """
    return f"( {'MAKE=yes' if make else 'MAKE='}\n{SOUND}\nsound {shlex.quote(path)} )"


@operation()
def folder(path: str, mode: str | None, owner: str = "root", group: str = "root") -> Commands:
    """Make a folder with this owner, group and octal mode (None: keep the mode). Nothing inside it is changed."""
    quoted = shlex.quote(path)
    shown, wanted = ("%U %G", f"{owner} {group}")
    steps = [sound(path, make=True)]
    if mode is not None:
        shown, wanted = (f"{shown} %a", f"{wanted} {mode}")
        # Closed first: the new group must not get the rights of the old mode, even for a moment.
        steps.append(f"chmod 700 {quoted}")
    steps.append(f"chown --no-dereference {owner}:{group} {quoted}")
    if mode is not None:
        steps.append(f"chmod {mode} {quoted}")
    yield from ensure._inner(
        condition=f'{sound(path)} && [ "$(stat -c "{shown}" {quoted})" = "{wanted}" ]',
        # Joined by `&&`, since `ensure` puts the command before an `&&`, where the shell ignores `set -e`.
        command=" && ".join(steps),
    )
