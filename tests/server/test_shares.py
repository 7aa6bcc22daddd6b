"""What sessions share of the server, through the real hub and Docker: memory, graphics cards, and what a page says of them."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import PARCOURS, PROFILE, Analyst
from tests.server.machine import Machine
from tests.server.membership import account, add_members, settings_changed
from tests.smoke.hub import HubError

GIB = 2**30


@pytest.fixture(autouse=True)
def nobody_has_a_session(demo: Analyst, alix: Analyst) -> Iterator[None]:
    def stop() -> None:
        for person in (demo, alix):
            person.be_logged_in()
            if person.hub.is_running():
                person.hub.stop()

    stop()
    yield
    stop()


def small(settings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Change the usual profile, and return it."""
    found = next(one for one in settings["profiles"] if one["slug"] == PROFILE)
    found.update({"memory_gb": 0.5, "shm_gb": None, **changes})
    return dict(found)


@contextmanager
def left_for_sessions(
    server: Machine, gib: float, *, members: Sequence[str] = ()
) -> Iterator[None]:
    """Reserve all but some memory, make the usual profile small, and these logins members of a project."""
    total = int(server.succeed("docker info --format '{{.MemTotal}}'"))

    def change(settings: dict[str, Any]) -> None:
        small(settings)
        add_members(settings, *members, project=PARCOURS)
        settings["sessions"] = {
            "memory_overcommit": 1,
            "reserved_gb": total / GIB - gib,
            "user_gb": None,
        }

    with settings_changed(server, change):
        yield


def begin(person: Analyst) -> None:
    person.be_logged_in()
    if not person.hub.is_running():
        person.start()


def refused(person: Analyst, profile: str = PROFILE) -> str:
    """Start a session that must be refused, and return what its user reads."""
    person.be_logged_in()
    with pytest.raises(HubError) as error:
        person.start(profile)
    assert not person.hub.is_running()
    said = str(error.value)
    if "role" in said or "it failed" in said:
        said = person.hub.get(f"/hub/spawn-pending/{person.login}").text
    return re.sub(r"\s+", " ", said.replace("&#39;", "'"))


def test_a_session_beyond_what_is_left_is_refused_with_the_figures(
    demo: Analyst, alix: Analyst, server: Machine
) -> None:
    with left_for_sessions(server, 3.3):
        begin(demo)
        alix.be_logged_in()
        page = alix.hub.get("/hub/spawn").text.replace("\u00a0", " ")
        assert "Libre en ce moment : 2,8 Gio de mémoire sur 3,3 Gio, 2 GPU sur 2." in page
        assert "Pas assez de mémoire libre" in page, "the middle profile has 3 GB"
        said = refused(alix, "moyenne")
        assert "Il reste 2,8 Gio de mémoire" in said
        assert "« Petite » (0,5 Gio)" in said
        server.fail(f"docker inspect {alix.container}")
        begin(alix)


def test_ten_log_ins_at_once_never_take_more_than_there_is(site: Site, server: Machine) -> None:
    """Every container counts from the moment when it exists."""
    logins = [f"dix{number}" for number in range(10)]
    sums = "/tmp/sums-of-limits"
    watch = (
        f"nohup bash -c 'while :; do docker ps --all --quiet --filter name=session-dix "
        "| xargs --no-run-if-empty docker inspect --format {{.HostConfig.Memory}} 2>/dev/null | paste -sd+; sleep 0.1; done' "
        f"> {sums} 2>/dev/null < /dev/null & echo $!"
    )
    with ExitStack() as afterwards:
        people = [
            afterwards.enter_context(account(login, server=server, site=site)) for login in logins
        ]
        afterwards.enter_context(left_for_sessions(server, 2.2, members=logins))
        for person in people:
            person.log_in()
        watcher = server.succeed(watch)

        def start(person: Analyst) -> bool:
            try:
                person.start()
            except HubError:
                return False
            return True

        try:
            with ThreadPoolExecutor(10) as pool:
                started = list(pool.map(start, people))
            running = server.succeed("docker ps --filter name=session-dix --quiet").split()
        finally:
            server.execute(f"kill {watcher}")
            for person in people:
                person.close()
        seen = server.succeed(f"cat {sums}; rm {sums}").split()
    assert sum(started) == len(running) == 4
    assert seen, "nothing was watched"
    assert max(sum(map(int, line.split("+"))) for line in seen) <= 2.2 * GIB


def test_programs_count_the_processors_of_the_profile_and_shared_memory_is_its_own(
    demo: Analyst, server: Machine
) -> None:
    def change(settings: dict[str, Any]) -> None:
        small(settings, memory_gb=2, cpus=1, shm_gb=0.25)

    with settings_changed(server, change):
        begin(demo)
        seen = "import os, shutil; print(os.cpu_count(), shutil.disk_usage('/dev/shm').total)"
        inside = f"docker exec {demo.container}"
        assert server.succeed(f'{inside} python3 -c "{seen}"') == f"1 {GIB // 4}"
        assert server.succeed(f"{inside} nproc") == "1"
        demo.hub.stop()


@pytest.fixture
def cards(server: Machine) -> Iterator[None]:
    """Give the usual profile one of the two cards of the site, which are devices that exist everywhere, and a third
    member to a project."""

    def change(settings: dict[str, Any]) -> None:
        assert len(settings["gpu_devices"]) == 2
        small(settings, gpus=1)
        add_members(settings, "tierce", project=PARCOURS)

    with settings_changed(server, change):
        yield


@pytest.fixture
def third(cards: None, server: Machine, site: Site) -> Iterator[Analyst]:
    with account("tierce", server=server, site=site) as person:
        yield person


def seen_by(person: Analyst) -> list[str]:
    """Return the cards that a session has, as whoever is in it sees them."""
    begin(person)
    return person.cards()


def test_a_card_is_one_sessions_and_comes_back_however_that_ends(
    third: Analyst, demo: Analyst, alix: Analyst, server: Machine
) -> None:
    assert seen_by(demo) == ["/dev/nvidia0"]
    assert seen_by(alix) == ["/dev/nvidia1"]
    said = refused(third).replace("\u00a0", " ")
    assert "Les 2 GPU du serveur sont pris" in said
    assert "s’arrête au plus tard le" in said
    assert "demo" not in said
    assert "variations" not in said.lower(), "demo works for another project"
    page = third.hub.get("/hub/spawn").text
    assert "0 GPU sur 2" in page
    assert "Un GPU se libère au plus tard le" in page

    # The hub remembers nothing: killed, it gives nothing away twice.
    server.succeed(f"systemctl kill --signal=KILL {layout.HUB_UNIT}")
    server.wait_until_succeeds(f"curl -sf -o /dev/null {layout.HUB_URL}/hub/health", timeout_s=60)
    assert "Les 2 GPU du serveur sont pris" in refused(third).replace("\u00a0", " ")
    assert seen_by(alix) == ["/dev/nvidia1"]

    # A session that is killed, and one that is stopped.
    server.succeed(f"docker kill {demo.container}")
    assert seen_by(third) == ["/dev/nvidia0"]
    third.close()
    alix.hub.stop()
    assert seen_by(demo) == ["/dev/nvidia0"]


def test_a_start_never_builds_or_fetches_an_image(alix: Analyst, server: Machine) -> None:
    """A profile whose image is absent is not ready, and a forged form changes nothing."""

    def change(settings: dict[str, Any]) -> None:
        small(settings, image="absente")

    in_service = server.succeed(f"cat {layout.IMAGES_IN_SERVICE}")
    named = json.dumps({**json.loads(in_service), "absente": "openchronic/absente:1"})
    since = server.succeed("date +%s")
    try:
        server.succeed(f"cat > {layout.IMAGES_IN_SERVICE}", stdin=named)
        with settings_changed(server, change):
            alix.be_logged_in()
            page = alix.hub.get("/hub/spawn").text.replace("\u00a0", " ")
            assert "Pas prêt : l’image « absente » n’est pas encore sur le serveur" in page
            assert "image des sessions manque" in refused(alix)
    finally:
        server.succeed(f"cat > {layout.IMAGES_IN_SERVICE}", stdin=in_service + "\n")
    until = server.succeed("date +%s")
    events = f"docker events --since {since} --until {until}"
    assert server.succeed(f"{events} --filter type=image --filter event=pull") == ""
    assert server.succeed(f"{events} --filter type=builder") == ""
    assert "session-alix" not in server.succeed("docker ps -a --format '{{.Names}}'")


def wait_for(told: Callable[[], bool], *, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + patience(timeout_s)
    while not told():
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s"
        time.sleep(1)


# The kernel of the system chooses its victim: here, the session's server, which is the child of tini.
HOG = """
import pathlib
for place in pathlib.Path("/proc").glob("[0-9]*/stat"):
    if place.read_text().rpartition(")")[2].split()[1] == "1":
        place.with_name("oom_score_adj").write_text("1000")
held = bytearray(8 * 2**30)
for at in range(0, len(held), 4096): held[at] = 1
"""


def test_whoever_lost_a_session_for_its_memory_is_told_so(alix: Analyst, server: Machine) -> None:
    def change(settings: dict[str, Any]) -> None:
        small(settings)

    since = server.succeed("date '+%F %T'")
    told = "sa mémoire (0,5\u00a0Gio) était épuisée"
    with settings_changed(server, change):
        begin(alix)
        hog = f"docker exec --interactive --user $(id -u alix) {alix.container} python3 -"
        server.execute(hog, stdin=HOG)
        server.wait_until_fails(f"docker inspect {alix.container}", timeout_s=60)
        wait_for(lambda: told in alix.hub.get("/hub/home").text)
        journal = f"journalctl --unit={layout.HUB_UNIT} --since='{since}' --output=cat --no-pager"
        assert f"{alix.container} ended for lack of memory" in server.succeed(journal)
        begin(alix)
        assert told not in alix.hub.get("/hub/home").text
        alix.hub.stop()
        time.sleep(1)
        assert told not in alix.hub.get("/hub/home").text, "a stop is no lack of memory"
