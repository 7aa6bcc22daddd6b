"""The peer of a session: the same image with the same limits, started by hand on the server."""

import json
import shlex
from pathlib import Path
from typing import Any

from infra.settings import layout
from tests.bench.server import Server
from tests.server.analyst import PROFILE

SCRIPT = Path(__file__).with_name("bare_lab.py")


def bare_lab(server: Server, *, settle_s: int | None = None) -> dict[str, Any]:
    """Seconds to Lab's page and to the kernel's answer; with `settle_s`, also its memory before the kernel."""
    profile = server.site.profiles[PROFILE]
    arguments = (
        server.images()[profile.image],
        str(round(profile.memory_gb * 2**30)),
        str(profile.cpus),
    )
    waits = "" if settle_s is None else f"SETTLE_S={settle_s} "
    said = server.machine.succeed(
        f"{waits}{layout.HUB_VENV}/bin/python - {shlex.join(arguments)}",
        stdin=SCRIPT.read_text(),
        timeout_s=300,
    )
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
