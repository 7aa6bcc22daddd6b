"""Guesses of passwords are slowed down and logged, and lock no account."""

import secrets
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from infra.operations import ssh
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.server.outside.conftest import Note
from tests.server.outside.door import Door
from tests.server.outside.strangers import Ipv6, browser, guess

# The limits of guessing.py and nginx.conf.
FREE = 5
LONGEST_S = 60
BURST, A_MINUTE = 30, 30
AT_ONCE = 8
WRONG = "motdepasse-devine-par-un-inconnu"


@pytest.fixture(scope="module")
def victim(alix: Analyst) -> Analyst:
    assert alix.can_log_in(), "alix cannot log in at all: nothing is proven"
    return alix


@pytest.fixture
def journal(server: Machine) -> Callable[[], str]:
    """Give a function that returns what the hub and nginx logged since the test began."""
    since = server.succeed("date '+%F %T'")
    return lambda: server.succeed(
        f"journalctl --namespace='*' --no-pager --output=cat --since='{since}'"
    )


def guesses(
    count: int, *, site: Site, victim: Analyst, source: str, login: str = ""
) -> list[requests.Response]:
    """Send wrong passwords in parallel, which would bypass a delay per request."""

    def one(number: int) -> requests.Response:
        hub = browser(site, victim, source=source)
        return guess(hub, login or victim.login, f"{WRONG}-{number}")

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def get_in(*, site: Site, victim: Analyst, source: str) -> float:
    """Log in with the right password, repeated until the server accepts it; return the seconds that it took."""
    started = time.monotonic()
    there = browser(site, victim, source=source)
    while not there.log_in(victim.login, victim.password):
        assert time.monotonic() - started < patience(2 * LONGEST_S), "locked out for good"
        time.sleep(1)
    return time.monotonic() - started


def test_guesses_are_slowed_and_others_are_not(
    site: Site,
    victim: Analyst,
    guesser: str,
    journal: Callable[[], str],
    note: Note,
) -> None:
    """While a stranger guesses, the user can log in from their own address, and from the stranger's after a wait."""
    get_in(site=site, victim=victim, source=guesser)
    with ThreadPoolExecutor(1) as background:
        attack = background.submit(guesses, FREE + 4, site=site, victim=victim, source=guesser)
        time.sleep(0.5)
        assert not attack.done(), "the attack is over before the user comes: nothing is proven"
        assert victim.can_log_in(), "the user is locked out by a stranger"
        answers = [answer.status_code for answer in attack.result()]
    assert answers.count(403) == FREE, answers
    assert answers.count(429) == 4, answers
    assert "Trop d’essais" in guess(browser(site, victim, source=guesser), victim.login, WRONG).text

    there = browser(site, victim, source=guesser)
    assert not there.log_in(victim.login, victim.password), "the right password had not to wait"
    waited = get_in(site=site, victim=victim, source=guesser)

    said = journal()
    assert f"Failed login of '{victim.login}' from {guesser}" in said
    assert f"Login of '{victim.login}' from {guesser} not tried" in said
    assert WRONG not in said
    assert victim.password not in said
    note(
        "password guessing, one address",
        tried=f"{FREE + 4} at once",
        answer=f"{FREE} checked, 4 answered 429",
        by="the hub: guessing.py",
    )
    note(
        "locking an account",
        tried="log in during and after the attack",
        answer=f"at once elsewhere, {waited:.0f} s later there",
        by="the hub: no lock, a wait per address",
    )


def test_a_client_sends_few_guesses_whatever_the_login(
    door: Door, spoofer: str, site: Site, victim: Analyst, note: Note
) -> None:
    """Passwords are tried on many logins, with forged client addresses in headers."""
    attacker = door.as_seen_from(spoofer)

    def attempt(number: int) -> int:
        claimed = f"198.51.100.{number}"
        spoofed = {
            "X-Forwarded-For": claimed,
            "X-Real-IP": claimed,
            "Forwarded": f"for={claimed}",
            "True-Client-IP": claimed,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = f"username=user{number}&password={WRONG}".encode()
        return attacker.ask("/hub/login", method="POST", headers=spoofed, body=body).status

    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(attempt, range(2 * BURST)))
    lasted = time.monotonic() - started
    assert 403 in answers, "not one guess was let through: nothing is proven"
    assert 429 in answers, "not one was refused"
    passed = len(answers) - answers.count(429)
    # One more than the burst, and those that the rate allows meanwhile.
    assert BURST <= passed <= BURST + 2 + lasted * A_MINUTE / 60, answers
    assert victim.can_log_in(), "another address must not wait"
    note(
        "password spraying, X-Forwarded-For spoofed",
        tried=f"{len(answers)} logins",
        answer=f"{passed} let through, then 429",
        by="nginx: limit_req per client",
    )


def test_a_network_of_ipv6_addresses_is_one_client(door: Door, six: Ipv6, note: Note) -> None:
    """A client with an IPv6 network has 2^64 addresses."""
    there = replace(door, address=six.server, name=door.address)

    def attempt(source: str) -> int:
        return there.as_seen_from(source).ask("/hub/login", method="POST").status

    first, second = six.neighbours
    assert attempt(first) == 403, "the first guess is not let through: nothing is proven"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert 429 in pool.map(attempt, [first] * 2 * BURST)
    # On a slow machine, one attempt comes free now and then: the neighbour may not have as many as somebody new.
    assert 429 in [attempt(second) for _ in range(BURST // 2)], "a neighbouring address starts anew"
    assert attempt(six.elsewhere) == 403, "another network has to wait"
    note(
        "guesses from many IPv6 addresses", tried="2 of a /64", answer=429, by="nginx: one per /64"
    )


def test_the_log_names_the_real_address(
    site: Site, victim: Analyst, timer: str, journal: Callable[[], str], note: Note
) -> None:
    """It has neither a forged address, nor a line that the login contained."""
    hub = browser(site, victim, source=timer)
    forged = "alix\n[I] User logged in: root\x1b[2J"
    claimed = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7"}
    answer = guess(hub, forged, WRONG, **claimed)
    assert answer.status_code == 403
    said = journal()
    assert f"from {timer}" in said
    assert "198.51.100.7" not in said
    lines = [line for line in said.splitlines() if "logged in: root" in line]
    assert lines, "the login is not in the log: nothing is proven"
    assert not [line for line in lines if line.startswith("[I] User")], lines
    assert "\x1b" not in said
    note("log injection by the login", tried="\\n, ESC", answer="one quoted line", by="the hub")


@pytest.mark.parametrize("login", ["root", "ops", "www-data", "", "alix/../root", "x" * 5000])
def test_who_is_no_analyst_is_refused_like_a_wrong_password(
    login: str, site: Site, victim: Analyst, timer: str
) -> None:
    answer = guess(browser(site, victim, source=timer), login, WRONG)
    assert answer.status_code == 403
    assert "refusé" in answer.text


def test_a_login_without_fields_is_refused(site: Site, victim: Analyst, timer: str) -> None:
    hub = browser(site, victim, source=timer)
    assert hub.submit("/hub/login", {}).status_code == 403


def test_the_time_of_a_refusal_tells_no_login(
    site: Site, victim: Analyst, flooder: str, door: Door, note: Note
) -> None:
    """As many guesses as are free are timed for both logins in parallel, so that the machine's load is the same."""

    def timed(login: str) -> float:
        hub = browser(site, victim, source=flooder)
        hub.get("/hub/login")
        started = time.monotonic()
        assert guess(hub, login, WRONG).status_code == 403
        return time.monotonic() - started

    get_in(site=site, victim=victim, source=flooder)
    with ThreadPoolExecutor(2) as pool:
        pairs = [
            tuple(pool.map(timed, (victim.login, f"nobody-{secrets.token_hex(4)}")))
            for _ in range(FREE)
        ]
    known = statistics.median(pair[0] for pair in pairs)
    unknown = statistics.median(pair[1] for pair in pairs)
    assert 1 / 2 < known / unknown < 2, f"{known:.2f} s and {unknown:.2f} s"
    assert _quickest(door) < min(known, unknown), "the time measured is the network's"
    note(
        "telling logins by the time",
        tried=f"{FREE} known, {FREE} unknown",
        answer=f"medians {known:.2f} and {unknown:.2f} s",
        by="the hub: refusals take equally long",
    )


def _quickest(door: Door) -> float:
    """Return the seconds of a request that checks no password, the least of some."""
    times = []
    for _ in range(FREE):
        started = time.monotonic()
        door.ask("/hub/login")
        times.append(time.monotonic() - started)
    return min(times)


@pytest.mark.parametrize("login", ["root", "ops", "demo", "nobody-here"])
def test_ssh_asks_nobody_for_a_password(
    login: str, site: Site, server: Machine, connector: str, note: Note
) -> None:
    program, *options, _ = ssh.ssh_command(site)
    attack = subprocess.run(
        [
            program,
            *("-o", f"BindAddress={connector}", "-o", "PubkeyAuthentication=no"),
            *("-o", "PreferredAuthentications=none,password,keyboard-interactive"),
            *options,
            f"{login}@{site.server.address}",
            "id",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )
    assert attack.returncode != 0
    said = attack.stderr.strip().splitlines()[-1]
    # sshd asks for a key only, and refuses connections from an address after some failed attempts.
    assert (
        "Permission denied (publickey)" in said
        or "Not allowed at this time" in attack.stderr
        or ("reset" in said or "closed" in said)
    ), attack.stderr
    assert server.succeed("id -u") == "0", "the operator's own key opens no door either"
    note(f"SSH password of {login}", tried="password", answer="publickey only", by="sshd")
