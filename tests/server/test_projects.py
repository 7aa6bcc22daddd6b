"""Projects on the server: a session for each, the common folder, and the end of a membership."""

import datetime
import json
import re
import time

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import PARCOURS, PROFILE, VARIATIONS, Analyst
from tests.server.machine import Machine
from tests.server.membership import projects_changed
from tests.smoke.session import Session

# The promise: a right that has ended closes its sessions within a minute.
CLOSED_WITHIN_S = 60


@pytest.fixture
def other(alix: Analyst) -> Session:
    return alix.open_session()


def test_the_start_page_offers_the_users_projects_and_remembers_the_last(
    demo: Analyst, alix: Analyst
) -> None:
    for analyst in (demo, alix):
        analyst.be_logged_in()
    demo.open_session().kernel.close()
    demo.hub.stop()
    page = demo.hub.get("/hub/spawn").text
    offered = re.findall(r'name="project" id="[^"]+" value="([^"]+)"[^>]*?( checked)?>', page)
    assert offered == [(VARIATIONS, " checked"), (PARCOURS, "")]
    assert "rien n’y vient d’un autre projet" in page
    alix.hub.stop()
    theirs = alix.hub.get("/hub/spawn").text
    assert f'value="{PARCOURS}"' in theirs
    assert VARIATIONS not in theirs


def test_a_member_of_two_projects_must_choose(demo: Analyst) -> None:
    demo.open_session().kernel.close()
    demo.hub.stop()
    refused = demo.hub.submit("/hub/spawn", {"profile": PROFILE})
    assert refused.status_code == 400
    assert "Choisissez le projet" in refused.text
    assert not demo.hub.is_starting()


def test_a_session_says_its_project(session: Session, demo: Analyst) -> None:
    assert session.value("os.environ['OPENCHRONIC_PROJECT']") == VARIATIONS
    assert session.value("__import__('openchronic').bases()") == ["demo"]
    assert "Variations de pratique" in demo.hub.get("/hub/home").text
    said = session.value(
        "subprocess.run(['openchronic', 'releases'], capture_output=True, text=True).stdout"
    )
    assert "Variations de pratique" in said


def test_a_base_of_another_project_is_refused_with_the_project_to_ask_for(session: Session) -> None:
    said = session.value(
        "subprocess.run(['python3', '-c', 'import openchronic as oc; oc.release(\"cohorte\")'],"
        " capture_output=True, text=True).stderr"
    )
    assert "Parcours entre la ville et l’hôpital" in said


def test_members_share_a_folder_in_which_each_may_change_what_others_made(
    site: Site, server: Machine, other: Session, alix: Analyst, demo: Analyst
) -> None:
    """Whatever the session's umask; what is copied there, too; and a folder in it is shared like its parent."""
    place = f"{layout.TEAMS}/{PARCOURS}"
    other.run(
        "mine = pathlib.Path.home() / 'copied'; mine.unlink(missing_ok=True); mine.write_text('alix')\n"
        f"os.makedirs('{place}/commun', exist_ok=True); shutil.copy(mine, '{place}/commun/copied')\n"
        f"os.umask(0o077); os.makedirs('{place}/commun', exist_ok=True); open('{place}/commun/a', 'w').write('alix')"
    )
    other.kernel.close()
    second = Analyst("demo", site=site, server=server, project=PARCOURS)
    if demo.hub.is_logged_in() and demo.hub.is_running():
        demo.hub.stop()
    try:
        session = second.open_session()
        assert session.value(f"open('{place}/commun/a').read()") == "alix"
        for name in ("a", "copied"):
            session.run(f"open('{place}/commun/{name}', 'a').write(' demo')")
        assert session.write(f"{layout.SNAPSHOTS}/{PARCOURS}/x") == "Read-only file system"
        session.kernel.close()
        assert server.succeed(f"cat {place}/commun/a") == "alix demo"
    finally:
        second.close()
        demo.password = second.password
        server.execute(f"rm -rf {place}/commun")


def test_a_membership_that_ends_closes_its_sessions_within_a_minute(
    server: Machine, demo: Analyst, alix: Analyst
) -> None:
    """The journal has the reason; another member's session goes on; the start page no longer offers it."""
    alix.open_session().kernel.close()
    running = demo.open_session()
    running.kernel.close()
    yesterday = datetime.date.fromisoformat(server.succeed("TZ=Europe/Paris date +%F"))
    yesterday -= datetime.timedelta(days=1)

    def end(projects: dict[str, dict[str, dict[str, object]]]) -> None:
        projects[VARIATIONS]["members"]["demo"] = {"first": None, "last": yesterday.isoformat()}

    with projects_changed(server, end):
        started = time.monotonic()
        server.wait_until_fails(f"docker inspect {demo.container}", timeout_s=CLOSED_WITHIN_S)
        assert time.monotonic() - started < patience(CLOSED_WITHIN_S)
        server.wait_until_succeeds(
            "journalctl --unit=jupyterhub --since=-3min --output=cat"
            " | grep 'was taken away: the session of demo ends'"
        )
        assert alix.hub.is_running()
        page = demo.hub.get("/hub/spawn").text
        assert VARIATIONS not in page
        refused = demo.hub.submit("/hub/spawn", {"profile": PROFILE, "project": VARIATIONS})
        assert refused.status_code == 400
    again = demo.open_session()
    assert again.value("1 + 1") == 2
    again.kernel.close()


def test_the_last_use_of_a_right_is_noted(server: Machine, demo: Analyst) -> None:
    demo.open_session().kernel.close()
    said = server.succeed(f"cat {layout.HUB_USES}/{demo.login}@{VARIATIONS}")
    now = datetime.datetime.fromisoformat(server.succeed("date --iso-8601=seconds"))
    assert datetime.timedelta(0) <= now - datetime.datetime.fromisoformat(said) < datetime.timedelta(hours=2)  # fmt: skip
    assert server.succeed(f"stat -c '%U %a' {layout.HUB_USES}") == "root 700"


def test_a_restarted_hub_takes_a_session_up_for_its_own_project(
    server: Machine, demo: Analyst
) -> None:
    """A hub that lost its database learns the project from the container, whatever is asked for now."""
    session = demo.open_session()
    session.kernel.close()
    before = server.succeed(f"docker inspect --format '{{{{.Id}}}}' {demo.container}")
    server.succeed(
        f"systemctl stop {layout.HUB_UNIT}; rm -f {layout.HUB_STATE}/jupyterhub.sqlite*; "
        f"systemctl start {layout.HUB_UNIT}"
    )
    server.wait_until_succeeds(f"curl -sf -o /dev/null {layout.HUB_URL}/hub/health", timeout_s=60)
    demo.log_in()
    demo.project = PARCOURS
    try:
        again = demo.open_session()
    finally:
        demo.project = VARIATIONS
    assert server.succeed(f"docker inspect --format '{{{{.Id}}}}' {demo.container}") == before
    told = demo.hub.api("GET", f"/users/{demo.login}").json()["servers"][""]["user_options"]
    assert told == {"profile": PROFILE, "project": VARIATIONS}, json.dumps(told)
    assert again.value("os.environ['OPENCHRONIC_PROJECT']") == VARIATIONS
    again.kernel.close()
