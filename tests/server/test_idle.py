"""Idle sessions are stopped; one whose kernel computes, or that has a run going on, is not idle, even if it prints nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from infra.components.jupyterhub import session_settings, unit_files
from infra.settings import layout
from infra.settings.grants import site_grants
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.server.analyst import PARCOURS, WITH_A_CARD, Analyst
from tests.server.deployment import variant
from tests.server.machine import Machine
from tests.server.membership import account, add_members, settings_changed

SHORT = {
    "cull_after_minutes = 60": "cull_after_minutes = 1",
    "check_every_minutes = 5": "check_every_minutes = 0.1",
}
# Not shorter than a minute: a computing session reports every 10 s, and later on a busy machine. The second value
# allows for the next check and a slow machine.
IDLE_S, PATIENCE_S = 60, 180
EVERY_S = 6
# Begins a run that says something at once, then computes in silence; markup in its log must stay text.
RUN = """
import pathlib, subprocess
file = pathlib.Path.home() / "long.py"
file.write_text("print('<b>begun</b>', flush=True)\\nimport time\\nwhile True: time.sleep(0.01)\\n")
print(subprocess.run(["openchronic", "run", str(file)], capture_output=True, text=True, check=True).stdout)
"""


def test_idle_sessions_are_culled_and_those_that_compute_or_have_a_run_are_not(
    demo: Analyst, alix: Analyst, site: Site, server: Machine
) -> None:
    for person in (alix, demo):
        # A session of an earlier test may be idle already.
        if person.hub.is_logged_in() and person.hub.is_running():
            person.hub.stop()
    try:
        with (
            culled_soon(server, member="tierce"),
            account("tierce", server=server, site=site) as tierce,
        ):
            _only_the_idle_one_is_culled(demo, alix, tierce, server)
            tierce.close()
    finally:
        for person in (alix, demo):
            if person.hub.is_running():
                person.hub.stop()


@contextmanager
def culled_soon(server: Machine, *, member: str) -> Iterator[None]:
    """Give the hub and the culler what a deploy of the site with these times writes for them; then as they were."""
    with variant(SHORT, name="idle") as name:
        short = load_site(name)
    place = f"{layout.UNITS}/{layout.CULLER_UNIT}"
    before = server.succeed(f"cat {place}") + "\n"
    text = unit_files(short)[layout.CULLER_UNIT].content.decode()
    assert text != before, "nothing is shorter"

    def change(settings: dict[str, Any]) -> None:
        settings["idle"] = session_settings(short, site_grants(short))["idle"]
        add_members(settings, member, project=PARCOURS)

    with settings_changed(server, change):
        try:
            _run_the_culler(server, place, text)
            yield
        finally:
            _run_the_culler(server, place, before)


def _run_the_culler(server: Machine, place: str, text: str) -> None:
    server.succeed(
        f"cat > {place}; systemctl daemon-reload; systemctl restart {layout.CULLER_UNIT}",
        stdin=text,
    )


def _only_the_idle_one_is_culled(
    demo: Analyst, alix: Analyst, tierce: Analyst, server: Machine
) -> None:
    running = tierce.open_session()
    running.run(RUN, timeout_s=60)
    running.kernel.close()
    computing = alix.open_session()
    computing.kernel.start("import time\nwhile True: time.sleep(0.01)")
    computing.kernel.socket.close()
    # The last to open: on a busy machine, each of the others takes a part of its minute.
    idle = demo.open_session(WITH_A_CARD)
    assert demo.cards()
    assert idle.value("1 + 1") == 2
    idle.kernel.socket.close()
    started = time.monotonic()
    server.wait_until_fails(f"docker inspect {demo.container}", timeout_s=PATIENCE_S)
    assert time.monotonic() - started > IDLE_S / 2, "culled at once: it never was used"
    # The others are older: they are kept since they compute, also when the culler has looked again.
    time.sleep(2 * EVERY_S)
    for person in (alix, tierce):
        server.succeed(f"docker inspect {person.container}")
        assert person.hub.is_running()
    start_page = demo.hub.get("/hub/spawn").text.replace("\u00a0", " ")
    assert "2 GPU sur 2" in start_page, "its card came back"
    page = tierce.hub.get("/hub/home").text
    assert "<strong>long.py</strong> : en cours." in page.replace("\u00a0", " ")
    assert "&lt;b&gt;begun&lt;/b&gt;" in page
