"""The operation for folders on the server, also those that root makes for somebody else and lets them write in.

Root follows no link there: see folders.sh, which the scripts that root runs on the server read too.
"""

import shlex
from pathlib import Path

from pyinfra.api.operation import operation

from infra.operations.ops import Commands, ensure

SOUND = (Path(__file__).parent / "folders.sh").read_text(encoding="utf-8")


def sound(path: str, *, make: bool = False) -> str:
    """A shell command that fails, and says why, where somebody could lead root elsewhere than to this folder."""
    return f"( {'MAKE=yes' if make else 'MAKE='}\n{SOUND}\nsound {shlex.quote(path)} )"


@operation()
def folder(path: str, mode: str | None, owner: str = "root", group: str = "root") -> Commands:
    """A folder with this owner, group and octal mode (None: whatever it has), nothing below it being touched."""
    quoted = shlex.quote(path)
    shown, wanted = ("%U %G", f"{owner} {group}")
    steps = [sound(path, make=True)]
    if mode is not None:
        shown, wanted = (f"{shown} %a", f"{wanted} {mode}")
        # At no moment is it open to the new group by the mode of the old one.
        steps.append(f"chmod 700 {quoted}")
    steps.append(f"chown --no-dereference {owner}:{group} {quoted}")
    if mode is not None:
        steps.append(f"chmod {mode} {quoted}")
    yield from ensure._inner(
        condition=f'{sound(path)} && [ "$(stat -c "{shown}" {quoted})" = "{wanted}" ]',
        # Not one after the other: in what stands before an `&&`, as here, the shell ignores `set -e`.
        command=" && ".join(steps),
    )
