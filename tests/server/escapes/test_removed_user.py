"""A user who is removed while their session runs: the session ends, the home stays, nobody inherits it."""

import time
from collections.abc import Iterator

import pytest

from infra.site import Site
from tests.server.analyst import PROFILE, Analyst
from tests.server.escapes.attack import record
from tests.server.machine import Machine

# Two looks of the hub, ten seconds apart, and a slow machine.
PATIENCE_S = 180


@pytest.fixture
def ines(server: Machine, site: Site) -> Iterator[Analyst]:
    """An account made as the deploy makes one, by hand to spare a deploy."""
    home = f"{site.storage.homes}/ines"
    server.succeed(
        f"useradd --no-create-home --home-dir {home} --shell /usr/sbin/nologin --user-group "
        f"--key UID_MIN=20000 --key UID_MAX=59999 --groups analysts ines; "
        f"btrfs subvolume create {home}; chown ines:ines {home}; chmod 700 {home}"
    )
    person = Analyst("ines", site=site, server=server)
    yield person
    server.execute(
        f"docker rm --force session-ines; userdel ines; userdel yann; btrfs subvolume delete {home} {site.storage.homes}/yann"
    )


# How an operator closes an account by hand: one way in the quick run, each with a minute to wait.
CLOSINGS = [
    pytest.param("its password locked", "usermod --lock ines", id="locked"),
    pytest.param(
        "its end date past",
        "usermod --expiredate 1970-01-02 ines",
        id="ended",
        marks=pytest.mark.long,
    ),
    pytest.param("deleted", "userdel ines", id="deleted", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("closing", "close"), CLOSINGS)
def test_the_session_of_a_closed_account_ends(
    closing: str, close: str, ines: Analyst, server: Machine, site: Site, alix: Analyst
) -> None:
    """Without a deploy. The page, the token and the password end too, the home stays, other sessions go on."""
    alix.open_session().kernel.close()
    session = ines.open_session()
    session.run("open(os.path.expanduser('~/thesis'), 'w').write('kept')")
    session.kernel.socket.close()
    token = {"Authorization": f"token {ines.hub.token}"}
    assert ines.hub.get("/user/ines/api/status", headers=token).status_code == 200
    assert ines.can_log_in()
    server.succeed(close)
    started = time.monotonic()
    server.wait_until_fails("docker inspect session-ines", timeout_s=PATIENCE_S)
    seconds = time.monotonic() - started
    status = _wait_until_refused(ines, token)
    refused = ines.hub.submit("/hub/spawn", {"profile": PROFILE}).status_code
    assert refused != 200
    server.fail("docker inspect session-ines")
    assert not ines.can_log_in()
    assert server.succeed(f"cat {site.storage.homes}/ines/thesis") == "kept"
    assert alix.hub.is_running(), "another's session ended with it"
    record(
        f"an account closed while its session runs: {closing}",
        tried=f"{close}, then the session, its page, its token, a new start, the password",
        answer=f"the session ended after {seconds:.0f} s; {status}; start {refused}; no login; home kept",
        stopped_by="the hub looks at the accounts of sessions every 10 s",
    )


def _wait_until_refused(person: Analyst, token: dict[str, str]) -> int:
    deadline = time.monotonic() + PATIENCE_S
    while (answer := person.hub.get("/user/ines/api/status", headers=token)).status_code == 200:
        assert time.monotonic() < deadline, "the token still opens a session"
        time.sleep(1)
    assert answer.status_code in (403, 404, 424, 503), answer.status_code
    return answer.status_code


def test_nobody_inherits_a_home_with_a_number(ines: Analyst, server: Machine, site: Site) -> None:
    """The next account may get the number of a deleted one, as useradd gives it: not its home."""
    server.succeed(
        f"echo thesis > {site.storage.homes}/ines/thesis; chmod 644 {site.storage.homes}/ines/thesis"
    )
    uid = server.succeed("id -u ines")
    home = f"{site.storage.homes}/yann"
    server.succeed(
        "userdel ines; useradd --no-create-home --shell /usr/sbin/nologin --user-group "
        f"--home-dir {home} --uid {uid} --groups analysts yann; "
        f"btrfs subvolume create {home}; chown yann:yann {home}; chmod 700 {home}"
    )
    yann = Analyst("yann", site=site, server=server)
    places = ["/home/{}", "/srv/homes/{}", "/home/yann/../{}", "/proc/1/root/home/{}"]
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
