"""The host: clock, kernel settings, AppArmor, pending restarts, and versions of the hub."""

import json
from collections.abc import Callable

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.machine import Machine
from tests.smoke.clock import clock_problem, source
from tests.smoke.confinement import NONE, apparmor_problem
from tests.smoke.hub import Hub
from tests.smoke.kernel_settings import SCRIPT as SETTINGS
from tests.smoke.kernel_settings import kernel_settings
from tests.smoke.leftovers import SESSIONS
from tests.smoke.restarts import SCRIPT as RESTARTS
from tests.smoke.restarts import restarts
from tests.smoke.versions import LOCKS, installed_python, locked_python, npm, older

Record = Callable[[str, object], None]


def test_the_clock_is_the_sites(server: Machine, site: Site, record_property: Record) -> None:
    """the clock is synchronised, with the site's own time servers

    `timedatectl` on the server, and the site's [time] table
    """
    synchronised = server.succeed("timedatectl show --property=NTPSynchronized --value")
    assert synchronised in ("yes", "no"), f"timedatectl says « {synchronised} »"
    if site.box is not None:
        pytest.skip("a disposable box cannot tell: it shares its host's clock")
    asked = source(server)
    problem = clock_problem(synchronised, asked, site.time.servers)
    assert not problem, problem
    record_property("measured", f"by {asked}")


def test_apparmor_confines_sessions(server: Machine, running: Hub, record_property: Record) -> None:
    """sessions are confined by AppArmor, where the kernel has it

    `aa-status` and `docker inspect session-<login>` on the server
    """
    enabled = server.execute("cat /sys/module/apparmor/parameters/enabled").out.strip()
    shown = server.succeed(
        f"docker inspect --format '{{{{.State.Pid}}}} {{{{.AppArmorProfile}}}}' {SESSIONS[0]}"
    )
    pid, _, profile = shown.partition(" ")
    confined = server.execute(f"cat /proc/{pid}/attr/current").out.strip("\0\n ")
    problem = apparmor_problem(enabled, profile, confined)
    assert not problem, problem
    record_property("measured", confined if enabled else NONE)


def test_the_kernel_is_set_as_the_guide_asks(server: Machine, record_property: Record) -> None:
    """the kernel's settings are those of ANSSI's guide

    @SYSCTL@ on the server; a deploy puts it in force
    """
    found = kernel_settings(server.succeed(SETTINGS))
    assert not found.wrong, "; ".join(found.wrong)
    assert found.right, "no setting could be looked at"
    beside = f"; {found.hosts} are its host's: a box cannot set kernel settings"
    record_property("measured", f"{found.right} in force{beside if found.hosts else ''}")


def test_no_update_waits_for_a_restart(
    server: Machine, site: Site, record_property: Record
) -> None:
    """no update has waited for a restart for two weeks

    restart the server when its users have been told; sessions end with it
    """
    now = int(server.succeed("date +%s"))
    found = restarts(server.succeed(RESTARTS), now=now, own_kernel=site.box is None)
    assert not found.overdue, "a restart is overdue: " + "; ".join(found.overdue)
    if found.waiting:
        record_property("measured", "a restart is due: " + "; ".join(found.waiting))


def test_the_hub_is_what_the_locks_say(server: Machine, record_property: Record) -> None:
    """the hub and its proxy are no older than this checkout's locks

    `make deploy` installs what the locks say
    """
    pip = f"{layout.HUB_VENV}/bin/python -m pip list --format=json --disable-pip-version-check 2>/dev/null"
    lock = locked_python((LOCKS / "requirements.txt").read_text())
    behind = older(installed_python(server.succeed(pip)), lock)
    proxy = npm((LOCKS / "package-lock.json").read_text())
    there = npm(server.succeed(f"cat {layout.PROXY_PROGRAM}/node_modules/.package-lock.json"))
    behind += older(there, proxy)
    # The running version is older than the installed one if a restart is missing.
    running = json.loads(server.succeed(f"curl --silent {layout.PROXY_URL}/hub/api/"))["version"]
    behind += older({"jupyterhub, running": running}, {"jupyterhub, running": lock["jupyterhub"]})
    assert not behind, "; ".join(behind)
    record_property("measured", f"{len(lock)} and {len(proxy)} packages, JupyterHub {running} runs")
