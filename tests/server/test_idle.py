"""Idle sessions are stopped; one whose kernel computes is not idle, even if it prints nothing."""

import time

from tests.server.analyst import Analyst
from tests.server.deployment import deploy, variant
from tests.server.machine import Machine

SHORT = {
    "cull_after_minutes = 60": "cull_after_minutes = 1",
    "check_every_minutes = 5": "check_every_minutes = 0.1",
}
# Not shorter than a minute: a computing session reports every 10 s, and later on a busy machine. The second value
# allows for the next check and a slow machine.
IDLE_S, PATIENCE_S = 60, 180


def test_idle_sessions_are_culled_and_computing_ones_are_not(
    demo: Analyst, alix: Analyst, server: Machine
) -> None:
    for person in (alix, demo):
        # A session of an earlier test may be idle already.
        if person.hub.is_logged_in() and person.hub.is_running():
            person.hub.stop()
    try:
        with variant(SHORT, name="idle") as site:
            done = deploy(site)
        assert done.status == 0, str(done)
        idle = alix.open_session()
        computing = demo.open_session()
        assert idle.value("1 + 1") == 2
        idle.kernel.socket.close()
        computing.kernel.start("import time\nwhile True: time.sleep(0.01)")
        computing.kernel.socket.close()
        started = time.monotonic()
        server.wait_until_fails(f"docker inspect {alix.container}", timeout_s=PATIENCE_S)
        assert time.monotonic() - started > IDLE_S / 2, "culled at once: it never was used"
        # Wait as long again: the other session is kept since it computes, and not since it is younger.
        time.sleep(IDLE_S + 10)
        server.succeed(f"docker inspect {demo.container}")
        assert demo.hub.is_running()
    finally:
        for person in (alix, demo):
            if person.hub.is_running():
                person.hub.stop()
        last = deploy()
    assert last.status == 0, str(last)
