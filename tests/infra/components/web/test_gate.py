"""The gate before sessions: nginx, with the rendered configuration, accepts the hub's pass and no other."""

import re
import time

import pytest

from infra.settings import layout
from tests.infra.components.web.conftest import DOMAIN, OTHER, OWN
from tests.infra.components.web.front import SECRET, Front
from tests.infra.components.web.passes import BROWSER, COOKIE, HOST_COOKIE, pass_for

PAGE = f"/user/{OTHER}/files/page.html?x=1"
LATER = int(time.time()) + 3600
STRANGER = "b" * 32


def wrong_passes(right: str, *, browser: str) -> list[str]:
    """Return passes for another user, expired, with a later end, truncated and invented."""
    checksum, _, end = right.partition(".")
    return [
        pass_for(OWN, expires=LATER, secret=SECRET, browser=browser),
        pass_for(OTHER, expires=int(time.time()) - 1, secret=SECRET, browser=browser),
        pass_for(OTHER, expires=LATER, secret="x", browser=browser),
        pass_for(OTHER, expires=LATER, secret=SECRET, browser=STRANGER),
        f"{checksum}.{int(end) + 1}",
        f"{checksum}.",
        f".{end}",
        f"{'x' * 22}.{end}",
        f"{right}x",
        checksum,
    ]


def test_without_hosts_a_pass_in_the_cookie_opens_its_owners_session_alone(at_work: Front) -> None:
    right = pass_for(OTHER, expires=LATER, secret=SECRET)
    assert at_work.door.ask(PAGE, headers={"Cookie": f"{COOKIE}={right}"}).status == 200
    at_work.forget()
    for wrong in wrong_passes(right, browser=""):
        answer = at_work.door.ask(PAGE, headers={"Cookie": f"{COOKIE}={wrong}"})
        assert answer.status == 302, wrong
        assert answer.header("Location").endswith(f"/hub/gate{PAGE}")
    assert at_work.sessions[OTHER].asked == []


def test_a_browser_without_a_pass_is_sent_to_the_hub_with_a_number_of_its_own(
    with_hosts: Front,
) -> None:
    door = with_hosts.door_of(f"{OTHER}.{DOMAIN}")
    numbers: list[str] = []
    for _ in range(2):
        answer = door.ask(PAGE)
        there = re.fullmatch(
            rf"https://{DOMAIN}/hub/gate/([0-9a-f]{{32}}){re.escape(PAGE)}",
            answer.header("Location"),
        )
        assert there, answer.header("Location")
        number = there[1]
        numbers.append(number)
        assert answer.every("Set-Cookie") == [
            f"{HOST_COOKIE}={number}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={layout.LOGIN_S}"
        ]
    assert len(set(numbers)) == 2
    number = numbers[0]
    # The browser's number stays when two pages are opened at once and when the pass has expired.
    for there_already in (number, f"{number}.{'x' * 22}.1"):
        again = door.ask(PAGE, headers={"Cookie": f"a=b; {HOST_COOKIE}={there_already}; c=d"})
        assert f"/hub/gate/{number}/user/" in again.header("Location")


def test_the_hubs_pass_becomes_the_cookie_of_the_browser_that_it_is_for(with_hosts: Front) -> None:
    door = with_hosts.door_of(f"{OTHER}.{DOMAIN}")
    right = pass_for(OTHER, expires=LATER, secret=SECRET, browser=BROWSER)
    begun = {"Cookie": f"{HOST_COOKIE}={BROWSER}"}
    answer = door.ask(f"/gate/{right}{PAGE}", headers=begun)
    assert answer.header("Location") == f"https://{OTHER}.{DOMAIN}{PAGE}"
    assert answer.every("Set-Cookie") == [
        f"{HOST_COOKIE}={BROWSER}.{right}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={layout.LOGIN_S}"
    ]
    opened = door.ask(PAGE, headers={"Cookie": f"{HOST_COOKIE}={BROWSER}.{right}"})
    assert opened.status == 200
    assert opened.every("Set-Cookie") == []
    with_hosts.forget()
    # Another browser that opens the same URL gets nothing.
    for cookie in ("", f"{HOST_COOKIE}={STRANGER}", f"{HOST_COOKIE}={STRANGER}.{right}"):
        answer = door.ask(f"/gate/{right}{PAGE}", headers={"Cookie": cookie})
        assert answer.header("Location") == f"https://{OTHER}.{DOMAIN}{PAGE}"
        assert answer.every("Set-Cookie") == [], cookie
    for wrong in wrong_passes(right, browser=BROWSER):
        answer = door.ask(f"/gate/{wrong}{PAGE}", headers=begun)
        assert answer.status == 302
        assert answer.every("Set-Cookie") == [], wrong
        answer = door.ask(PAGE, headers={"Cookie": f"{HOST_COOKIE}={BROWSER}.{wrong}"})
        assert answer.status == 302, wrong
        assert answer.header("Location").startswith(f"https://{DOMAIN}/hub/gate/")
    for name in (f"x{HOST_COOKIE}", HOST_COOKIE.lower(), COOKIE, f"{HOST_COOKIE}x"):
        answer = door.ask(PAGE, headers={"Cookie": f"{name}={BROWSER}.{right}"})
        assert answer.status == 302, name
    assert with_hosts.sessions[OTHER].asked == []


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example/", "/\\evil.example", "//evil.example/user/alix/", "@evil.example/"),
        *("/hub/logout", "/", "", "?x", "/gate/x/user/alix/"),
        *("/user/demo/", "/user/alix@evil.example/", "/user/alix.evil.example/", "/user/alixx"),
        *("/user/alix/../../hub/", "/user/%61lix/", "/x/user/alix/"),
    ],
)
def test_a_pass_leads_to_its_owners_pages_and_nowhere_else(with_hosts: Front, target: str) -> None:
    door = with_hosts.door_of(f"{OTHER}.{DOMAIN}")
    right = pass_for(OTHER, expires=LATER, secret=SECRET, browser=BROWSER)
    answer = door.ask(f"/gate/{right}{target}", headers={"Cookie": f"{HOST_COOKIE}={BROWSER}"})
    assert answer.status in (400, 404)
    assert answer.every("Set-Cookie") == []
    assert answer.header("Location") == ""
