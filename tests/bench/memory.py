"""Memory: the idle server by unit, and what each session takes of it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.bare import bare_lab
from tests.bench.measuring import seen
from tests.bench.result import Measure
from tests.bench.server import Server
from tests.server.analyst import PROFILE, Analyst
from tests.smoke.kernel import Kernel

GROUP = "memory"
ANALYST = "alix"
PROBE = Path(__file__).with_name("memory_probe.py")
SETTLE_S = 10
# Smaller ones are told together.
LEAST_MB = 5.0


def measures(server: Server) -> Iterator[Measure]:
    units = probe(server)
    yield seen(GROUP, "server, idle", sum(units.values()), unit="MB")
    named = {name: size for name, size in units.items() if size >= LEAST_MB}
    for name, size in sorted(named.items(), key=lambda row: -row[1]):
        yield seen(GROUP, f"  {name}", size, unit="MB")
    rest = sum(units.values()) - sum(named.values())
    yield seen(GROUP, "  the others", rest, unit="MB")
    bare = bare_lab(server, settle_s=SETTLE_S)
    yield seen(GROUP, "bare Lab, idle", bare["idle_mb"], unit="MB")
    yield seen(GROUP, "bare Lab, a kernel", bare["kernel_mb"], unit="MB")
    yield from _session(server)


def _session(server: Server) -> Iterator[Measure]:
    analyst = Analyst(ANALYST, site=server.site, server=server.machine)
    try:
        analyst.log_in()
        analyst.start(PROFILE)
        time.sleep(SETTLE_S)
        yield seen(
            GROUP, "session, idle", container(server, analyst), unit="MB", against="bare Lab, idle"
        )
        kernel = Kernel(analyst.hub)
        kernel.run("print(1 + 1)")
        yield seen(
            GROUP,
            "session, a kernel",
            container(server, analyst),
            unit="MB",
            against="bare Lab, a kernel",
        )
        kernel.run(
            "import openchronic as oc; oc.connect().sql('SELECT count(*) FROM event').show()"
        )
        yield seen(
            GROUP,
            "session, a release opened",
            container(server, analyst),
            unit="MB",
            against="bare Lab, a kernel",
        )
        kernel.close()
    finally:
        analyst.close()


def probe(server: Server) -> dict[str, float]:
    found: dict[str, float] = json.loads(
        server.machine.succeed("python3 -", stdin=PROBE.read_text())
    )
    return found


def container(server: Server, analyst: Analyst) -> float:
    name = server.machine.succeed(f"docker inspect --format '{{{{.Id}}}}' {analyst.container}")
    return probe(server)[name[:12]]
