"""The operation that installs a locked environment in a new folder and switches a link to it in one rename."""

import hashlib
import shlex
from collections.abc import Mapping

from pyinfra.api.command import StringCommand
from pyinfra.api.operation import operation
from pyinfra.context import host

from infra.operations.facts import Holds
from infra.operations.ops import UMASK, Commands
from infra.operations.ownership import note_tree

BUILD_S = 1800


@operation()
def environment(path: str, locks: Mapping[str, bytes], build: str) -> Commands:
    """Make `path` a link to an environment that the shell command `build` made from exactly these locks (text by name).

    `build` runs in a new folder, $PWD, which holds the lock files; the environment stays there, since a virtual
    environment cannot be moved. The previous environment is kept: going back to it needs no download.
    """
    note_tree(path)
    digest = hashlib.sha256(build.encode())
    for name, content in sorted(locks.items()):
        digest.update(f"{name}\0".encode() + content)
    folder = f"{path}-{digest.hexdigest()[:12]}"
    complete = f'[ "$(readlink {path})" = {folder} ] && [ -e {folder}/.complete ]'
    if host.get_fact(Holds, condition=complete):
        return
    files = "; ".join(
        f"printf %s {shlex.quote(content.decode())} > {shlex.quote(name)}"
        for name, content in sorted(locks.items())
    )
    script = (
        f"set -e; {UMASK}; if [ ! -e {folder}/.complete ]; then rm -rf {folder}; mkdir -p {folder}; cd {folder}; "
        f"{files}; {build}; sync -f .; touch .complete; fi; "
        f"before=$(readlink {path} || true); ln -sfn {folder} {path}.new; mv -T {path}.new {path}; "
        f'find $(dirname {path}) -maxdepth 1 -name "$(basename {path})-????????????" '
        f'! -path {folder} ! -path "$before" -exec rm -rf {{}} +'
    )
    # The script goes to standard input: the locks are too long for a command line.
    yield StringCommand("bash -s", _stdin=[script], _timeout=BUILD_S)
