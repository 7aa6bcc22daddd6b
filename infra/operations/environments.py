"""The operation for locked environments: built beside, switched by one rename of a link; of the old ones, one stays."""

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
    """`path` links to an environment that `build` made from exactly these locks.

    `build` runs in a new folder, $PWD, which holds the lock files under their names; paths in it are final, since a
    virtual environment cannot be moved. The one before is kept: a return to it asks no mirror and takes no time.
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
    # On standard input: the locks are longer than a command line may be.
    yield StringCommand("bash -s", _stdin=[script], _timeout=BUILD_S)
