"""Logs the beginning and the end of each deploy, with operator and commit, to a file and to the server's journal.

A deploy that changes nothing is logged too. The log is not part of what is deployed: no plan shows it, and it does not
count as a change.
"""

import json
import secrets
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.operation import operation
from pyinfra.context import host, state

from infra.operations.checkout import look, version
from infra.operations.ops import Commands
from infra.operations.who import machine, operator
from infra.settings import layout
from infra.settings.site import Site

TAG = "openchronic-deploy"
# Identifies the lines of one deploy: two may run at once.
_DEPLOY = secrets.token_hex(4)
_CHANGES = 50


@operation()
def begin(site: Site) -> Commands:
    """Log the beginning, before anything is written. A deploy without a line for its end stopped half-way."""
    checkout = look()
    yield from _note(
        {
            "event": "began",
            "site": site.name,
            "operator": operator(),
            "from": machine(),
            "ssh_user": site.server.ssh.user,
            "commit": checkout.commit,
            "version": version(),
            "dirty": checkout.dirty,
            "uncommitted": list(checkout.changes[:_CHANGES]),
        }
    )


@operation()
def end() -> Commands:
    done = [one.operation_meta for one in state.ops[host].values()]
    changed = sum(one.is_complete() and one.did_change() for one in done)
    yield from _note({"event": "ended", "changed": changed})


def _note(entry: dict[str, Any]) -> Commands:
    """Log a line at once: a command that the operation yields would count as a change."""
    if not state.is_executing:
        return
    line = json.dumps({"deploy": _DEPLOY, **entry}, ensure_ascii=False)
    # The server adds the time, by its own clock.
    script = (
        f"set -e; umask 077; read -r said; mkdir -p -m 755 $(dirname {layout.DEPLOYS}); "
        'line="{\\"when\\": \\"$(date -u +%FT%TZ)\\", ${said#?}"; '
        f'printf "%s\\n" "$line" >> {layout.DEPLOYS}; printf "%s\\n" "$line" | '
        f"logger --tag {TAG} --priority auth.notice --size 16KiB"
    )
    noted, _ = host.run_shell_command(
        StringCommand(script),
        _sudo=bool(host.data.get("_sudo")),
        _stdin=[f"{line}\n"],
        _timeout=60,
    )
    if not noted:
        yield StringCommand(
            "echo 'this deploy could not be noted on the server, and what is not on record is not done' >&2; exit 1"
        )
