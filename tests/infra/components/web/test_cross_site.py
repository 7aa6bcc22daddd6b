"""Requests that a page of another origin causes are refused, by the headers that browsers send with them."""

import itertools

import pytest

from tests.infra.components.web.conftest import DOMAIN, OWN
from tests.infra.components.web.front import Front
from tests.infra.components.web.passes import cookie_of
from tests.infra.components.web.test_raw_paths import WEBSOCKET

HUB = ("/hub/home", "/hub/api/user", "/hub/login", "/hub/logout", "/", "/style.css")


def fetched(site: str, mode: str, dest: str) -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}


ASKED = {
    "fetch": ("GET", "cors", "empty"),
    "picture": ("GET", "no-cors", "image"),
    "script": ("GET", "no-cors", "script"),
    "frame": ("GET", "navigate", "iframe"),
    "object": ("GET", "navigate", "object"),
    "form": ("POST", "navigate", "document"),
    "websocket": ("GET", "websocket", "empty"),
    "no mode": ("GET", "", ""),
}


@pytest.fixture(params=["one host", "hosts"])
def places(request: pytest.FixtureRequest) -> tuple[Front, dict[str, dict[str, str]]]:
    """Give paths of the hub and of a session, each with the cookies of its user's browser."""
    session = f"/user/{OWN}/api/contents"
    if request.param == "one host":
        front: Front = request.getfixturevalue("at_work")
        return front, {**{path: {} for path in HUB}, session: cookie_of(OWN)}
    front = request.getfixturevalue("with_hosts")
    return front, {**{path: {} for path in HUB}, session: cookie_of(OWN, domain=DOMAIN)}


def test_a_page_of_another_site_leads_here_and_does_nothing_else(
    places: tuple[Front, dict[str, dict[str, str]]],
) -> None:
    front, paths = places
    for path, cookie in paths.items():
        host = f"{OWN}.{DOMAIN}" if front.domain and path.startswith("/user/") else front.door.name
        door = front.door_of(host)
        front.forget()
        for site, (what, (method, mode, dest)) in itertools.product(
            ("same-site", "cross-site"), ASKED.items()
        ):
            headers = cookie | fetched(site, mode, dest)
            assert door.ask(path, method=method, headers=headers).status == 403, (path, what, site)
        # Older browsers send Origin only, and for websockets all browsers do.
        for origin in ("https://evil.example", f"https://alix.{DOMAIN}", f"https://{door.host}.evil.example", f"https://x{door.host}", f"http://{door.host}", f"https://{door.host}:8443", "null"):  # fmt: skip
            for upgrade in ({}, WEBSOCKET):
                headers = cookie | upgrade | {"Origin": origin}
                assert door.ask(path, headers=headers).status == 403, (path, origin)
        assert front.hub.asked == front.sessions[OWN].asked == []
        # Accepted: pages of the same origin, a typed address, a link, and clients that are no browsers.
        for headers in (
            *(fetched("same-origin", mode, dest) for _, mode, dest in ASKED.values()),
            fetched("none", "navigate", "document"),
            fetched("same-site", "navigate", "document"),
            fetched("cross-site", "navigate", "document"),
            {"Origin": f"https://{door.host}"},
            {"Origin": f"https://{door.host}"} | fetched("same-origin", "cors", "empty"),
            {},
        ):
            assert door.ask(path, headers=cookie | headers).status == 200, (path, headers)


def test_the_origin_is_compared_with_the_host_as_the_browser_writes_it(at_work: Front) -> None:
    """The port is part of both, as with `ssh -L 8443:…`."""
    origin = {"Origin": "https://localhost:8443"}
    assert at_work.door.ask("/hub/login", host="localhost:8443", headers=origin).status == 200
    assert at_work.door.ask("/hub/login", host="localhost", headers=origin).status == 403


def test_no_link_starts_a_session(at_work: Front) -> None:
    at_work.forget()
    start = "/hub/spawn?profile=grande"
    for path in (start, "/hub/spawn/demo?profile=grande"):
        for site in ("same-site", "cross-site"):
            answer = at_work.door.ask(path, headers=fetched(site, "navigate", "document"))
            assert answer.status == 302
            assert answer.header("Location").endswith("/hub/spawn")
    assert at_work.hub.asked == []
    for site in ("none", "same-origin"):
        at_work.door.ask(start, headers=fetched(site, "navigate", "document"))
    assert at_work.hub.asked == [start, start]
