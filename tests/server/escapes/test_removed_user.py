"""An account is closed while its session runs: the session ends, the home stays, and nobody else gets it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
import requests

from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import PARCOURS, PROFILE, Analyst, home_of
from tests.server.escapes.attack import record
from tests.server.machine import Machine
from tests.server.membership import account, members

# The hub needs two polls, ten seconds apart, and more time on a slow machine.
PATIENCE_S = 180


# Ways by which an operator closes an account by hand; each has its own account, so that the tests wait once for all.
CLOSINGS = {
    "its password locked": ("ines", "usermod --lock ines"),
    "its end date past": ("noe", "usermod --expiredate 1970-01-02 noe"),
    "deleted": ("lou", "userdel lou"),
}


@pytest.fixture(scope="module", autouse=True)
def _members(server: Machine) -> Iterator[None]:
    """Make all of them members at once: the hub restarts for each change."""
    logins = [login for login, _ in CLOSINGS.values()]
    with members(server, *logins, "yann", project=PARCOURS):
        yield


@pytest.fixture
def ines(server: Machine, site: Site) -> Iterator[Analyst]:
    with account("ines", server=server, site=site) as person:
        yield person
    yanns = home_of("yann", project=PARCOURS, site=site)
    server.execute(f"userdel yann; btrfs subvolume delete {yanns}")


@pytest.fixture
def people(server: Machine, site: Site) -> Iterator[dict[str, Analyst]]:
    """Give an analyst for each way to close an account."""
    with ExitStack() as afterwards:
        yield {
            closing: afterwards.enter_context(account(login, server=server, site=site))
            for closing, (login, _) in CLOSINGS.items()
        }


def test_the_session_of_a_closed_account_ends(
    people: dict[str, Analyst], server: Machine, alix: Analyst
) -> None:
    """Without a deploy, the session, its page, its token and the password end; the home and other sessions stay."""
    alix.open_session().kernel.close()
    for person in people.values():
        session = person.open_session()
        session.run("open(os.path.expanduser('~/thesis'), 'w').write('kept')")
        session.kernel.socket.close()
    for person in people.values():
        assert person.hub.get(f"/user/{person.login}/api/status").status_code == 200
        assert person.can_log_in()
    for _, close in CLOSINGS.values():
        server.succeed(close)
    started = time.monotonic()
    for closing, person in people.items():
        server.wait_until_fails(f"docker inspect {person.container}", timeout_s=PATIENCE_S)
        seconds = time.monotonic() - started
        status = _wait_until_refused(person)
        refused = person.hub.submit("/hub/spawn", {"profile": PROFILE}).status_code
        assert refused != 200, closing
        server.fail(f"docker inspect {person.container}")
        assert not person.can_log_in(), closing
        assert server.succeed(f"cat {person.home}/thesis") == "kept"
        record(
            f"an account closed while its session runs: {closing}",
            tried=f"{CLOSINGS[closing][1]}, then the session, its page, its login, a new start, the password",
            answer=f"the session ended after {seconds:.0f} s; {status}; start {refused}; no login; home kept",
            stopped_by="the hub looks at the accounts of sessions every 10 s",
        )
    assert alix.hub.is_running(), "another's session ended with them"


def _wait_until_refused(person: Analyst) -> int:
    deadline = time.monotonic() + patience(PATIENCE_S)
    page = f"/user/{person.login}/api/status"
    while True:
        with suppress(requests.ReadTimeout):  # while the session ends
            answer = person.hub.get(page)
            # Once the hub has checked the account again, it redirects to the login form.
            if answer.status_code != 200 or page not in answer.url:
                break
        assert time.monotonic() < deadline, "the login still opens a session"
        time.sleep(1)
    assert answer.status_code in (403, 404, 424, 503) or "/hub/login" in answer.url, answer.url
    return answer.status_code


def test_nobody_inherits_a_home_with_a_number(ines: Analyst, server: Machine, site: Site) -> None:
    """useradd may give the uid of a deleted account to the next one, which must not get its home."""
    server.succeed(f"echo thesis > {ines.home}/thesis; chmod 644 {ines.home}/thesis")
    uid = server.succeed("id -u ines")
    home = home_of("yann", project=PARCOURS, site=site)
    server.succeed(
        "userdel ines; useradd --no-create-home --shell /usr/sbin/nologin --user-group "
        f"--home-dir {home} --uid {uid} --groups analysts yann; "
        f"btrfs subvolume create {home}; chown yann:yann {home}; chmod 700 {home}"
    )
    yann = Analyst("yann", site=site, server=server)
    places = [
        "/home/{}",
        f"{layout.HOMES}/{{}}@parcours",
        "/home/yann/../{}",
        "/proc/1/root/home/{}",
    ]
    there = "[p for p in {} if os.path.exists(p)]"
    try:
        session = yann.open_session()
        assert str(session.value("os.getuid()")) == uid
        assert len(session.value(there.format([place.format("yann") for place in places]))) == 3
        found = session.value(there.format([place.format("ines") for place in places]))
        assert session.value("os.listdir('/home')") == ["yann"]
        session.kernel.close()
    finally:
        yann.close()
    assert found == []
    record(
        "a deleted user's home, by an account of the same number",
        tried=f"uid {uid} again under another name; {len(places)} paths",
        answer=f"{len(found)} there",
        stopped_by="a session mounts the home of its login",
    )
