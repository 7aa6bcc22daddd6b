"""With a session domain: the same table of raw paths at each of the server's hosts, and what each host serves."""

import pytest

from tests.infra.components.web.conftest import DOMAIN, OTHER, OWN
from tests.infra.components.web.front import Front
from tests.infra.components.web.passes import cookie_of
from tests.infra.components.web.test_raw_paths import REFUSED, THEIRS, TRICKS, WEBSOCKET
from tests.server.outside import h2
from tests.server.outside.raw_paths import PLAIN, fine

WHO = {
    "nobody": {},
    "oneself": cookie_of(OWN, domain=DOMAIN),
    "the other": cookie_of(OTHER, domain=DOMAIN),
}
THEIR_HOST, OWN_HOST = f"{OTHER}.{DOMAIN}", f"{OWN}.{DOMAIN}"
ADDRESS = ""
HOSTS = {"the hub's": DOMAIN, "one's own": OWN_HOST, "the other's": THEIR_HOST, "address": ADDRESS}


@pytest.fixture
def front(with_hosts: Front) -> Front:
    with_hosts.forget()
    return with_hosts


def unasked(front: Front) -> bool:
    return front.hub.asked == front.sessions[OTHER].asked == front.sessions[OWN].asked == []


def test_a_session_is_at_its_owners_host_and_nowhere_else(front: Front) -> None:
    """The controls: if no session answered anywhere, a refusal would prove nothing."""
    theirs = front.door_of(THEIR_HOST)
    answer = theirs.ask(THEIRS, headers=WHO["the other"])
    assert (answer.status, answer.body) == (200, f"this is {OTHER}: {THEIRS}".encode())
    answer = theirs.ask(THEIRS, headers=WHO["the other"] | WEBSOCKET)
    assert (answer.status, answer.header("X-Who")) == (101, OTHER)
    front.forget()
    for cookie in WHO.values():
        # At another user's host.
        assert front.door_of(OWN_HOST).ask(THEIRS, headers=cookie).status == 404
        answer = front.door_of(DOMAIN).ask(THEIRS, headers=cookie)
        assert answer.header("Location") == f"https://{THEIR_HOST}{THEIRS}"
        answer = front.door_of(ADDRESS).ask(THEIRS, headers=cookie)
        assert answer.header("Location") == f"https://{DOMAIN}{THEIRS}"
    for who in ("nobody", "oneself"):
        answer = theirs.ask(THEIRS, headers=WHO[who])
        assert answer.header("Location").startswith(f"https://{DOMAIN}/hub/gate/")
    assert unasked(front)


def test_the_hub_is_at_its_own_host_and_nowhere_else(front: Front) -> None:
    assert front.door.ask("/hub/home?x=1").body == b"this is the hub: /hub/home?x=1"
    assert front.door.ask("/").status == 200
    front.forget()
    for host in (OWN_HOST, THEIR_HOST, ADDRESS):
        for path in ("/hub/home?x=1", "/hub/user/alix/lab", "/hub/api/users/alix"):
            for method in ("GET", "POST"):
                answer = front.door_of(host).ask(path, method=method, headers=WHO["oneself"])
                assert answer.header("Location") == f"https://{DOMAIN}{path}"
    for host in (OWN_HOST, THEIR_HOST):
        for path in ("/", "/charte.html", "/index.html", "/api/routes", "/services/x/", "/user/"):
            assert front.door_of(host).ask(path, headers=WHO["oneself"]).status == 404, path
    answer = front.door_of(ADDRESS).ask("/charte.html")
    assert answer.header("Location") == f"https://{DOMAIN}/charte.html"
    assert unasked(front)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("who", WHO)
def test_no_writing_of_a_path_leads_to_anothers_session(who: str, host: str, front: Front) -> None:
    door = front.door_of(HOSTS[host])
    wrong = {}
    for upgrade in ({}, WEBSOCKET):
        for trick, path in TRICKS.items():
            answer = door.ask(path, headers=WHO[who] | upgrade)
            onwards = HOSTS[host] == ADDRESS and trick in PLAIN and answer.header("Location") == f"https://{DOMAIN}{path}"  # fmt: skip
            if answer.status not in REFUSED and not onwards:
                wrong[trick] = str(answer)
    assert wrong == {}
    assert unasked(front)


@pytest.mark.parametrize("host", HOSTS)
def test_http2_is_judged_alike(host: str, front: Front) -> None:
    with h2.connect(front.door_of(THEIR_HOST)) as wire:
        cookie = WHO["the other"]["Cookie"]
        status = h2.ask(wire, 1, THEIRS, host=THEIR_HOST, cookie=cookie)
        assert status == 200, "HTTP/2 does not even reach one's own: nothing is proven"
    front.forget()
    door = front.door_of(HOSTS[host])
    for who in WHO.values():
        with h2.connect(door) as wire:
            paths = [*TRICKS.values(), "*", "hub/home", f"https://{DOMAIN}{THEIRS}"]
            for number, path in enumerate(paths):
                status = h2.ask(
                    wire, 2 * number + 1, path, host=door.host, cookie=who.get("Cookie", "")
                )
                # 0 stands for a stream that nginx resets, which is a refusal too. Requests by the IP address are
                # redirected to the name, with the raw path.
                plain = path in {TRICKS[trick] for trick in PLAIN}
                onwards = (302,) if HOSTS[host] == ADDRESS and plain else ()
                assert status in (0, *REFUSED, *onwards), (path, status)
    assert unasked(front)


def test_what_is_asked_is_the_host_of_the_request_whatever_the_connection_was_for(
    front: Front,
) -> None:
    """A browser may use one connection for all names of the certificate; an attacker may send any name."""
    for connected in (DOMAIN, OWN_HOST, THEIR_HOST, ADDRESS):
        door = front.door_of(connected)
        assert door.ask(THEIRS, host=THEIR_HOST, headers=WHO["the other"]).status == 200
        front.forget()
        for host in (OWN_HOST, f"x.{THEIR_HOST}", f"{OTHER}x.{DOMAIN}", "evil.example", f"{OTHER}{DOMAIN}", f"{OTHER}.{DOMAIN}.evil.example", f"{OTHER}.big-dataxexample"):  # fmt: skip
            answer = door.ask(THEIRS, host=host, headers=WHO["the other"])
            assert answer.status in (404, 421), host
        whole = f"GET https://{OWN_HOST}{THEIRS} HTTP/1.1\r\nHost: {THEIR_HOST}\r\nCookie: {WHO['the other']['Cookie']}\r\n\r\n"
        assert door.send(whole.encode()).status == 404
        nameless = f"GET {THEIRS} HTTP/1.0\r\nCookie: {WHO['the other']['Cookie']}\r\n\r\n"
        assert door.send(nameless.encode()).status in (302, 404, 421)
        assert unasked(front)


@pytest.mark.parametrize("host", [OWN_HOST, OWN_HOST.upper(), f"{OWN_HOST}:443", f"{OWN_HOST}."])
def test_what_people_and_jupyterlab_ask_for_arrives_as_it_was_written(
    host: str, front: Front
) -> None:
    for path in fine(OWN):
        answer = front.door_of(OWN_HOST).ask(path, host=host, headers=WHO["oneself"])
        assert answer.status == 200, path
        assert front.sessions[OWN].asked[-1] == path.partition("#")[0]
        assert f"host: {OWN_HOST}" in front.sessions[OWN].heads[-1]


def test_a_sessions_cookies_are_its_hosts_alone(front: Front) -> None:
    session = front.sessions[OWN]
    session.headers = (
        ("Set-Cookie", f"_xsrf=evil; Domain={DOMAIN}; Path=/hub/"),
        ("Set-Cookie", f"jupyterhub-session-id=evil; domain=.{DOMAIN}; Path=/"),
        ("Set-Cookie", "__Host-jupyterhub-user-demo=good; Path=/; Secure; HttpOnly"),
        ("Set-Cookie", "_xsrf=good; Path=/user/demo/"),
    )
    try:
        said = front.door_of(OWN_HOST).ask("/user/demo/lab", headers=WHO["oneself"])
    finally:
        session.headers = ()
    cookies = said.every("Set-Cookie")
    assert [cookie.partition(";")[0] for cookie in cookies] == [
        *("_xsrf=evil", "jupyterhub-session-id=evil"),
        *("__Host-jupyterhub-user-demo=good", "_xsrf=good"),
    ]
    assert not [cookie for cookie in cookies if DOMAIN in cookie]
    assert "Path=/;" in cookies[2]
    assert "Path=/user/demo/" in cookies[3]
    for cookie in cookies:
        assert {"secure", "samesite=lax"} <= set(cookie.lower().split("; ")), cookie


def test_who_leaves_takes_along_what_the_browser_kept_of_the_session(front: Front) -> None:
    answer = front.door_of(OWN_HOST).ask("/left")
    assert answer.header("Location") == f"https://{DOMAIN}/hub/logout"
    assert answer.header("Clear-Site-Data") == '"cookies", "storage"'
    assert front.door.ask("/left").status == 404
