"""Typed source tables on the server: the projects that may can read them, and nobody else, whatever they try."""

import json
from collections.abc import Iterator

import pytest

from infra.components.openchronic import store_folder
from infra.settings import layout
from infra.settings.accounts import SOURCE_READERS
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.deployment import deploy, toml_file, variant
from tests.server.machine import Machine
from tests.smoke.session import Session

BASE = "demo"
STORE = f"{layout.RESTRICTED}/{store_folder(BASE)}"
COUNT = "len(__import__('openchronic').source('ER_PRS_F').limit(5).fetchall())"
REFUSED = (
    "subprocess.run(['python3', '-c', 'import openchronic as oc; oc.source(\"ER_PRS_F\")'],"
    " capture_output=True, text=True).stderr"
)
PROJECTS = '"infra/sites/box.projects.toml"'


@pytest.fixture
def other(alix: Analyst) -> Iterator[Session]:
    """Give alix's session, for a project without typed tables, with a new kernel."""
    session = alix.open_session()
    yield session
    session.kernel.close()


@pytest.fixture
def gid(server: Machine) -> int:
    return int(server.succeed(f"getent group {SOURCE_READERS}").split(":")[2])


def opened(server: Machine, analyst: Analyst) -> list[str]:
    """Return the lines of the hub's journal about the restricted zone and this person's sessions, oldest first."""
    said = server.succeed(
        "journalctl --unit=jupyterhub --no-pager --output=short-iso | grep 'Restricted zone' || true"
    )
    return [line for line in said.splitlines() if line.endswith(f"in {analyst.container}")]


def test_the_store_lies_outside_the_releases_for_one_group(site: Site, server: Machine) -> None:
    place = f"{site.storage.restricted}/{store_folder(BASE)}"
    modes = server.succeed(f"find {place} -printf '%y %m %u %g\\n' | sort -u").splitlines()
    assert modes == [
        f"d 750 openchronic {SOURCE_READERS}",
        f"f 640 openchronic {SOURCE_READERS}",
    ]
    kept = f"find {site.storage.restricted}/{BASE} -mindepth 1 -maxdepth 2 ! -path '{place}/*'"
    assert server.succeed(f"{kept} -printf '%P %m %U\\n' | sort").splitlines() == [
        f"openchronic-{BASE}-{what} {mode} {server.succeed('id -u openchronic')}"
        for what, mode in (("access", 700), ("exports", 700), ("store", 750), ("work", 700))
    ]
    link = f"{site.storage.releases}/{BASE}/.store"
    assert server.succeed(f"readlink {link}") == STORE
    # The folder of releases holds no typed table either.
    server.succeed(f"find {site.storage.releases} -name '*.parquet' | grep -q .")
    server.fail(f"find {site.storage.releases} -name entry.json | grep .")
    assert server.succeed(f"getent group {SOURCE_READERS}").endswith(":"), "an account is in it"


def test_a_project_that_may_reads_and_writes_nothing(
    session: Session, server: Machine, demo: Analyst, gid: int
) -> None:
    assert session.value(COUNT) == 5
    assert gid in session.value("os.getgroups()")
    entry = session.value(f"sorted(os.listdir({STORE!r}))[0]")
    for place in (f"{STORE}/x", f"{STORE}/{entry}/x", f"{STORE}/{entry}/entry.json"):
        assert session.write(place) == "Read-only file system"
    told = json.loads(server.succeed(f"docker inspect {demo.container}"))[0]["Mounts"]
    assert [
        mount["RW"] for mount in told if mount["Destination"].startswith(layout.RESTRICTED)
    ] == [False]
    # Only the store of the zone is visible: neither the builds' work folder nor another base.
    assert session.value(f"os.listdir({layout.RESTRICTED!r})") == [BASE]
    assert session.value(f"os.listdir({f'{layout.RESTRICTED}/{BASE}'!r})") == [
        STORE.rpartition("/")[2]
    ]


def test_another_project_has_neither_the_mount_nor_the_group(
    other: Session, site: Site, server: Machine, alix: Analyst, gid: int
) -> None:
    told = json.loads(server.succeed(f"docker inspect {alix.container}"))[0]
    assert not [mount for mount in told["Mounts"] if "restricted" in mount["Source"]]
    assert str(gid) not in told["HostConfig"]["GroupAdd"]
    assert gid not in other.value("os.getgroups()")
    there = "os.path.lexists"
    assert other.value(f"{there}('{layout.RELEASES}/cohorte/current')"), "the probe finds nothing"
    for place in (layout.RESTRICTED, STORE, site.storage.restricted):
        assert not other.value(f"{there}({place!r})"), f"{place} is in the session"
    # Through the release's link, another process's root, and a group of their choice.
    reached = other.value(
        f"[os.path.exists(place + {STORE!r}) for place in ('', '/proc/1/root', '/proc/self/root')]"
        f" + [os.path.exists('{layout.RELEASES}/cohorte/.store/.')]"
    )
    assert reached == [False] * 4
    became = other.value(
        f"subprocess.run(['python3', '-c', 'import os; os.setgroups([{gid}])'], capture_output=True, text=True).stderr"
    )
    assert "PermissionError" in became


def test_another_project_is_told_in_french_whom_to_ask(other: Session) -> None:
    said = other.value(REFUSED)
    # demo, unlike alix, has another project that reads them.
    assert "administrateur" in said
    assert "tables" in said
    assert other.value(
        "__import__('openchronic').table('patient').aggregate('count(*)').fetchall()[0][0]"
    )


def test_each_start_of_a_readers_session_is_in_the_hubs_journal(
    server: Machine, demo: Analyst, alix: Analyst, session: Session, other: Session
) -> None:
    before = opened(server, demo)
    assert before
    assert f"typed tables of the base {BASE} are open to demo" in before[-1]
    assert opened(server, alix) == []
    session.kernel.close()
    demo.hub.stop()
    demo.open_session().kernel.close()
    after = opened(server, demo)
    assert len(after) == len(before) + 1
    assert after[-1][:10] == server.succeed("date +%F"), "it does not say when"


def test_a_right_that_is_taken_away_reads_nothing_any_more(
    server: Machine, demo: Analyst, gid: int
) -> None:
    """After the deploy, running sessions end with the reason in the journal, and new ones have neither mount nor group;
    then the right is given again."""
    running = demo.open_session()
    assert running.value(COUNT) == 5
    running.kernel.close()
    logged = opened(server, demo)
    ours = (ROOT / "infra/sites/box.projects.toml").read_text()
    assert ours.count("source_tables = true") == 1
    try:
        with (
            toml_file(
                "projects", ours.replace("source_tables = true", "source_tables = false")
            ) as path,
            variant({PROJECTS: f'"{path}"'}, name="closed") as name,
        ):
            closed = deploy(name)
            assert closed.status == 0, str(closed)
            assert deploy(name).changed == ()
        _wait_for_its_end(server, demo)
        server.wait_until_succeeds(
            "journalctl --unit=jupyterhub --since=-3min --output=cat"
            " | grep 'was taken away: the session of demo ends'"
        )
        after = demo.open_session()
        assert not after.value(f"os.path.lexists({layout.RESTRICTED!r})")
        assert gid not in after.value("os.getgroups()")
        assert "administrateur" in after.value(REFUSED)
        after.kernel.close()
        assert opened(server, demo) == logged
    finally:
        again = deploy()
        if demo.hub.is_running():
            demo.hub.stop()
    assert again.status == 0, str(again)
    back = demo.open_session()
    assert back.value(COUNT) == 5
    back.kernel.close()


def _wait_for_its_end(server: Machine, analyst: Analyst) -> None:
    server.wait_until_fails(f"docker inspect {analyst.container}", timeout_s=60)
