"""The isolation and limits of a session: Docker's settings, and their effect on code inside."""

import json
import time
from typing import Any

import pytest

from infra.components.openchronic import store_folder
from infra.settings import layout
from infra.settings.accounts import SOURCE_READERS
from infra.settings.offer import Profile
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import PROFILE, Analyst
from tests.server.machine import Machine
from tests.smoke.hub import HubError
from tests.smoke.session import Session


@pytest.fixture
def told(demo: Analyst, server: Machine, session: Session) -> dict[str, Any]:
    """Give Docker's description of demo's session."""
    inspected: list[dict[str, Any]] = json.loads(server.succeed(f"docker inspect {demo.container}"))
    return inspected[0]


@pytest.fixture
def profile(site: Site) -> Profile:
    return site.profiles[PROFILE]


def test_a_session_has_the_limits_of_its_profile(told: dict[str, Any], profile: Profile) -> None:
    host = told["HostConfig"]
    memory = int(profile.memory_gb * 2**30)
    assert (host["Memory"], host["MemorySwap"]) == (memory, memory)
    cpus = host["NanoCpus"] / 1e9 or host["CpuQuota"] / (host["CpuPeriod"] or 100_000)
    assert cpus == profile.cpus
    assert host["PidsLimit"] == profile.pids


def test_a_session_has_no_privilege(told: dict[str, Any], demo: Analyst, server: Machine) -> None:
    host = told["HostConfig"]
    ids = server.succeed(f"id -u {demo.login}; id -g {demo.login}").split()
    assert told["Config"]["User"] == ":".join(ids)
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert host["ReadonlyRootfs"]
    assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"])
    assert not [option for option in host["SecurityOpt"] if "unconfined" in option]
    assert list(told["NetworkSettings"]["Networks"]) == ["sessions"]
    assert not host["PortBindings"]
    assert (host["PidMode"], host["IpcMode"] in ("", "private")) == ("", True)


def test_a_session_mounts_its_home_and_its_projects_folder_and_nothing_else_to_write(
    told: dict[str, Any], site: Site, demo: Analyst
) -> None:
    mounts = {mount["Source"]: mount["RW"] for mount in told["Mounts"]}
    written = [source for source, writable in mounts.items() if writable]
    assert written == [demo.home, f"{layout.TEAMS}/{demo.project}"]
    # All mounts are listed: nothing else may be mounted, even if its modes would close it.
    assert {mount["Destination"] for mount in told["Mounts"]} == {
        f"/home/{demo.login}",
        f"{layout.TEAMS}/{demo.project}",
        f"{layout.SNAPSHOTS}/{demo.project}",
        f"{layout.RELEASES}/demo",
        layout.ONBOARDING,
        "/etc/passwd",
        "/etc/group",
        f"{layout.RESTRICTED}/{store_folder('demo')}",
    }
    assert not [source for source in mounts if source.startswith(site.storage.data)]
    assert not {site.storage.homes, site.storage.releases, layout.TEAMS} & set(mounts)
    assert not [source for source in mounts if "docker" in source]


def test_a_session_has_no_group_but_the_analysts_the_project_and_the_readers(
    told: dict[str, Any], demo: Analyst, server: Machine
) -> None:
    """The account's other groups are left out."""
    groups = f"analysts projet-{demo.project} {SOURCE_READERS}"
    gids = server.succeed(f"getent group {groups} | cut -d: -f3").split()
    assert told["HostConfig"]["GroupAdd"] == gids


def test_what_a_session_may_fill_is_bounded(
    told: dict[str, Any], profile: Profile, session: Session
) -> None:
    host = told["HostConfig"]
    options = set(host["Tmpfs"]["/tmp"].split(","))
    assert {"nosuid", "nodev", f"size={int(profile.memory_gb * 2**30) // 4}"} <= options
    assert list(host["Tmpfs"]) == ["/tmp"]
    assert host["LogConfig"] == {"Type": "local", "Config": {"max-file": "3", "max-size": "10m"}}
    # A core dump would write the memory, with patients' data, to the home.
    assert session.value("__import__('resource').getrlimit(4)") == [0, 0]
    assert session.value("__import__('resource').getrlimit(7)") == [16384, 16384]


def test_a_session_reaches_one_port_of_the_server(session: Session, site: Site) -> None:
    gateway = str(SessionsNetwork(site.network.sessions).gateway)
    ports = [
        22,
        53,
        80,
        443,
        2375,
        layout.PROXY_PORT,
        layout.PROXY_API_PORT,
        layout.HUB_PORT,
        layout.SESSIONS_API_PORT,
    ]
    assert session.open_ports(gateway, ports) == [layout.SESSIONS_API_PORT]


def test_a_session_has_few_connections_to_the_hub(session: Session, site: Site) -> None:
    gateway = str(SessionsNetwork(site.network.sessions).gateway)
    session.run(
        "held = []\n"
        "for _ in range(80):\n"
        f"    try: held.append(socket.create_connection(({gateway!r}, {layout.SESSIONS_API_PORT}), timeout=2))\n"
        "    except OSError: pass",
        timeout_s=240,
    )
    opened = session.value("len(held)")
    session.run("[one.close() for one in held]")
    assert 1 <= opened <= 40


def test_a_session_reads_the_release_with_one_line(session: Session, site: Site) -> None:
    session.run("import openchronic as oc")
    assert (
        session.value("int(oc.connect().sql('select count(*) from patient').fetchall()[0][0])") > 0
    )
    said = session.write(f"{layout.RELEASES}/{next(iter(site.bases))}/current/x")
    assert said == "Read-only file system"


def test_a_projects_profile_is_for_that_project_alone(
    alix: Analyst, site: Site, server: Machine
) -> None:
    """`grande` is for a project of which alix is no member: a forged form is refused too."""
    assert site.profiles["grande"].projects == ("variations",)
    alix.log_in()
    if alix.hub.is_running():
        alix.hub.stop()
    page = alix.hub.get("/hub/spawn").text
    assert 'value="petite"' in page
    assert 'value="grande"' not in page
    answer = alix.hub.submit("/hub/spawn", {"profile": "grande"})
    # The page's refusal, and no other error.
    assert answer.status_code == 400, answer.text[-500:]
    # An accepted start would show within seconds, in the hub or as a container.
    for _ in range(5):
        assert not alix.hub.is_running()
        assert not alix.hub.is_starting()
        server.fail(f"docker inspect {alix.container}")
        time.sleep(1)


def test_the_session_speaks_french_and_brings_no_news(session: Session, demo: Analyst) -> None:
    settings = demo.hub.get(
        "/user/demo/lab/api/settings/@jupyterlab/translation-extension:plugin",
    )
    assert settings.status_code == 200
    assert "fr_FR" in settings.text


def test_each_login_and_each_session_is_in_the_journal(alix: Analyst, server: Machine) -> None:
    """The journal has the user and the time, as the footer of every page announces."""
    if alix.hub.is_logged_in() and alix.hub.is_running():
        alix.hub.stop()
    since = server.succeed("date '+%F %T'; sleep 1")
    lines = f"journalctl --unit=jupyterhub --since='{since}' --output=short-iso --no-pager"
    alix.hub.http.cookies.clear()
    alix.log_in()
    assert "User logged in: alix" in server.succeed(lines)
    assert "A session of alix opens" not in server.succeed(lines)
    alix.open_session().kernel.close()
    (opened,) = (line for line in server.succeed(lines).splitlines() if "of alix opens" in line)
    assert opened.startswith(server.succeed("date +%F"))
    alix.hub.stop()
    page = alix.hub.get("/hub/home").text
    assert "chaque connexion et chaque session sont nominatives et enregistrées" in page


def test_a_session_that_dies_while_it_starts_is_told_in_french_and_at_once(
    alix: Analyst, server: Machine, site: Site
) -> None:
    """A user's broken settings end the session; JupyterHub alone would wait for minutes and show « Exception is not
    set »."""
    alix.be_logged_in()
    folder = f"{alix.home}/.jupyter"
    server.succeed(
        f"install -d -o alix -g alix {folder}; echo 'import os; os._exit(3)' > {folder}/jupyter_server_config.py"
    )
    try:
        started = time.monotonic()
        with pytest.raises(HubError):
            alix.start("petite")
        assert time.monotonic() - started < patience(60)
        page = alix.hub.get("/hub/user/alix/").text
        assert "arrêtée pendant son démarrage" in page, page[-1500:]
        assert "Exception is not set" not in page
    finally:
        server.succeed(f"rm -rf {folder}")
    assert alix.open_session().value("1 + 1") == 2, "the next start fails too"
    alix.hub.stop()
