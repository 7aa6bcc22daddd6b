"""A damaged database of the hub is reported, kept and replaced, and sessions go on."""

import pytest

from infra.settings import layout
from tests.server.analyst import PROFILE, Analyst
from tests.server.deployment import deploy
from tests.server.faults.conftest import Fault
from tests.server.machine import Machine

STATE = layout.HUB_STATE
DATABASE = f"{STATE}/jupyterhub.sqlite"
HEALTH = f"curl --fail --silent --max-time 5 {layout.HUB_URL}/hub/health"
SOUND = f"/usr/bin/python3 -c \"import sqlite3; print(sqlite3.connect('{DATABASE}').execute('PRAGMA quick_check').fetchone()[0])\" | grep -qx ok"
DAMAGES = {
    "garbage in its header": f"head -c 100 /dev/urandom | dd of={DATABASE} conv=notrunc status=none",
    "cut in half": f"truncate --size $(( $(stat -c %s {DATABASE}) / 2 )) {DATABASE}",
    "garbage in a page": f"head -c 4096 /dev/urandom | dd of={DATABASE} bs=4096 seek=3 conv=notrunc status=none",
    "emptied": f"truncate --size 0 {DATABASE}",
}


def is_damaged(server: Machine) -> bool:
    empty = f"[ ! -s {DATABASE} ]"
    return server.execute(f"{empty} || ! {SOUND}").status == 0


def errors_since(server: Machine, cursor: str) -> str:
    return server.succeed(
        "journalctl --priority=err --output=cat --unit=jupyterhub --unit=jupyterhub-copy "
        f"--after-cursor='{cursor}'"
    )


def cursor(server: Machine) -> str:
    return server.succeed("journalctl --lines=1 --show-cursor | sed -n 's/^-- cursor: //p'")


@pytest.mark.parametrize(
    ("damage", "state"),
    [
        *((damage, "idle") for damage in DAMAGES),
        pytest.param("cut in half", "build", marks=pytest.mark.long),
        pytest.param("cut in half", "deploy", marks=pytest.mark.long),
    ],
)
def test_a_damaged_database_is_kept_and_its_copy_serves(
    server: Machine, demo: Analyst, fault: Fault, damage: str, state: str
) -> None:
    with fault(f"hub database: {damage}", state=state):
        # Makes a copy, as the timer does every five minutes.
        server.succeed(f"systemctl start {layout.COPY_UNIT}")
        since = cursor(server)
        before = set(server.succeed(f"ls {STATE}").split())
        server.succeed(DAMAGES[damage])
        assert is_damaged(server), "the test broke nothing"
        server.succeed("systemctl kill --signal=KILL jupyterhub")
        server.wait_until_succeeds(HEALTH)
        assert not is_damaged(server)
        said = errors_since(server, since)
        assert "is damaged" in said
        assert "took its place" in said
        kept = set(server.succeed(f"ls {STATE}").split()) - before
        assert [name for name in kept if name.startswith("jupyterhub.sqlite.damaged-")]
        # The browser's cookies are still valid: the hub knows the user and the session.
        assert demo.hub.is_logged_in()


def test_damage_under_a_running_hub_is_found_by_the_next_copy(
    server: Machine, fault: Fault
) -> None:
    with fault("hub database: damaged while the hub runs", state="idle"):
        server.succeed(f"systemctl start {layout.COPY_UNIT}")
        since = cursor(server)
        server.succeed(DAMAGES["garbage in its header"])
        assert is_damaged(server), "the test broke nothing"
        server.fail(f"systemctl start {layout.COPY_UNIT}")
        server.wait_until_succeeds(f"{SOUND} && {HEALTH}")
        assert "the hub restarts, sessions go on" in errors_since(server, since)
        server.succeed(f"systemctl start {layout.COPY_UNIT}")


def test_a_session_that_is_younger_than_the_copy_goes_on(
    server: Machine, alix: Analyst, fault: Fault
) -> None:
    """alix's session was restarted since the copy: the hub knows its name, but must register its new token."""
    alix.hub.http.cookies.clear()
    alix.log_in()
    alix.open_session().kernel.close()
    with fault("hub database: damaged, the copy older than a session", state="idle"):
        server.succeed(f"systemctl start {layout.COPY_UNIT}")
        alix.hub.stop()
        session = alix.open_session()
        session.run("thesis = 'unsaved'")
        server.succeed(DAMAGES["cut in half"])
        assert is_damaged(server), "the test broke nothing"
        server.succeed("systemctl kill --signal=KILL jupyterhub")
        server.wait_until_succeeds(HEALTH)
        server.wait_until_succeeds(
            "journalctl --unit=jupyterhub --since=-2min --output=cat | grep -q 'session-alix is made known again'"
        )
        # For a browser without its cookie, the session asks the hub who the user is.
        page = alix.hub.get("/user/alix/lab")
        assert page.status_code == 200, f"{page.status_code} at {page.url}"
        session.kernel.reconnect()
        assert session.value("thesis") == "unsaved"
        session.kernel.close()
        alix.hub.stop()


def test_without_any_copy_the_user_logs_in_and_finds_the_session(
    server: Machine, demo: Analyst, fault: Fault
) -> None:
    """The hub's new database is empty: it takes over the running session with its kernel instead of removing it."""
    demo.open_session().kernel.close()
    lose_everything(server, demo)
    inspect = f"docker inspect --format '{{{{.Id}}}} {{{{.State.StartedAt}}}}' {demo.container}"
    container = server.succeed(inspect)
    with fault("hub database: damaged, and no copy", state="idle") as observer:
        since = cursor(server)
        server.succeed(f"rm -rf {STATE}/copies; {DAMAGES['garbage in its header']}")
        assert is_damaged(server), "the test broke nothing"
        server.succeed("systemctl kill --signal=KILL jupyterhub")
        server.wait_until_succeeds(HEALTH)
        assert "there is no copy" in errors_since(server, since)
        assert not demo.hub.is_logged_in(), "the hub still knows its user: nothing was lost"
        come_back(demo)
        observer.kernel.hub.enter()
        assert server.succeed(inspect) == container, "the session was started anew"
    # The session can authenticate its user: the hub accepts its token again.
    page = demo.hub.get(f"/user/{demo.login}/lab")
    assert page.status_code == 200, f"{page.status_code} at {page.url}"
    assert "jupyter-config-data" in page.text
    assert server.execute(f"systemctl start {layout.COPY_UNIT}").status == 0


def test_afterwards_a_deploy_has_nothing_to_change() -> None:
    """Neither after these damages nor after the full disks and the clocks that jumped: see conftest.py."""
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()


def lose_everything(server: Machine, demo: Analyst) -> None:
    """Delete the hub's database and its copies, and log demo in, so that the hub knows demo only."""
    server.succeed(f"systemctl stop jupyterhub; rm -rf {STATE}/copies {DATABASE}")
    server.succeed("systemctl start jupyterhub")
    server.wait_until_succeeds(HEALTH)
    come_back(demo)


def come_back(demo: Analyst) -> None:
    demo.hub.http.cookies.clear()
    demo.log_in()
    demo.start(PROFILE)
