"""Attacks by a hostile session's server in the hub's origin, when all sessions share the hub's host name."""

import re
import time
from pathlib import Path

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.escapes.attack import record
from tests.server.escapes.conftest import EVIL
from tests.server.machine import Machine
from tests.smoke import chromium
from tests.smoke.hub import Hub

GATE = "session_gate"


@pytest.fixture(scope="module")
def headers(hostile: str, server: Machine) -> str:
    """Give the answer of the hostile server, requested directly and without a login."""
    said = server.succeed(f"curl --silent --include http://{hostile}:{layout.SESSION_PORT}{EVIL}")
    assert "evil" in said, "alix's server is not hostile: nothing is proven"
    return said


def test_a_colleague_who_follows_a_link_does_not_get_there(
    hostile: str, headers: str, alix: Analyst, demo: Analyst, site: Site
) -> None:
    assert "waiting" in alix.hub.get(EVIL).text, "alix herself does not get her page"
    demo.open_session().kernel.close()
    assert demo.hub.get("/user/demo/lab").status_code == 200
    answers = {path: demo.hub.get(path) for path in (EVIL, "/hub/gate" + EVIL)}
    assert not [path for path, answer in answers.items() if "waiting" in answer.text]
    stranger = Hub(site.url, trust=demo.trust).get(EVIL)
    assert "/hub/login" in stranger.url
    statuses = sorted({answer.status_code for answer in answers.values()})
    record(
        "a hostile page, linked to a colleague",
        tried="a server without login, opened by demo by 2 ways, and by a stranger",
        answer=f"{', '.join(map(str, statuses))}; the login page",
        stopped_by="the gate's cookie, checked by nginx",
    )


def test_no_cookie_opens_anothers_gate(
    hostile: str, headers: str, alix: Analyst, demo: Analyst, site: Site
) -> None:
    """demo's cookie, with a later end, another name, or invented, is sent to alix's path."""
    demo.hub.get("/user/demo/lab")
    alix.hub.get(EVIL)
    own = _gate_cookie(demo)
    right = _gate_cookie(alix)
    checksum, _, expires = own.partition(".")
    later = f"{checksum}.{int(expires) + 86400}"
    forged = [own, later, f"{right.partition('.')[0]}.{int(right.partition('.')[2]) + 1}", "x" * 22 + "." + expires,
              "." + expires, checksum, "", f"{checksum}.", f"{right}x", f"{right.partition('.')[0]}.1"]  # fmt: skip

    def ask(value: str) -> tuple[int, str]:
        answer = demo.hub.get(EVIL, headers={"Cookie": f"{GATE}={value}"}, allow_redirects=False)
        return answer.status_code, answer.text

    assert "waiting" in ask(right)[1], "the right cookie does not open: nothing is proven"
    answers = [ask(value) for value in forged]
    assert {status for status, _ in answers} == {302}
    assert not [text for _, text in answers if "waiting" in text]
    basic = demo.hub.get(EVIL, headers={"Authorization": "Basic eDp5"}, allow_redirects=False)
    assert basic.status_code == 302
    record(
        "a forged pass to another's session",
        tried=f"{len(forged)} cookies: one's own, stretched, cut, guessed; Basic authorization",
        answer="302 to the hub, each time",
        stopped_by="keyed sum over owner and end date",
    )


def test_a_sessions_cookies_stay_under_its_path(hostile: str, headers: str, alix: Analyst) -> None:
    assert "Path=/hub/" in headers
    assert "Service-Worker-Allowed" in headers
    alix.hub.get(EVIL)
    raw = alix.hub.http.get(f"{alix.hub.url}{EVIL}", timeout=patience(30))
    told = raw.raw.headers.getlist("Set-Cookie")
    paths = {path for cookie in told for path in re.findall(r"(?i)path=([^;]+)", cookie)}
    assert len(told) == 4
    assert paths == {"/user/alix/"}
    assert "Service-Worker-Allowed" not in raw.headers
    for cookie in tuple(iter(alix.hub.http.cookies)):
        if cookie.value == "evil":
            alix.hub.http.cookies.clear(cookie.domain, cookie.path, cookie.name)
    record(
        "cookies for the hub and for others, set by a session",
        tried="Set-Cookie for /, /hub/ (twice), /user/demo/; Service-Worker-Allowed: /",
        answer="4 cookies, all for /user/alix/; the header gone",
        stopped_by="nginx: proxy_cookie_path, proxy_hide_header",
    )


def test_the_hubs_pages_are_in_nobodys_frame(demo: Analyst) -> None:
    demo.open_session().kernel.close()
    for page in (
        "/hub/home",
        "/hub/spawn",
        "/hub/login?next=/hub/home",
        "/hub/gate/user/alix/",
    ):
        told = demo.hub.get(page, allow_redirects=False).headers
        assert "frame-ancestors 'none'" in told.get("Content-Security-Policy", ""), page
    leaving = Hub(demo.site.url, trust=demo.trust).get("/hub/logout", allow_redirects=False)
    assert leaving.headers["Clear-Site-Data"] == '"cookies", "storage"'
    record(
        "the hub's pages in a frame; a browser that two people use",
        tried="5 pages; the headers of a logout",
        answer="frame-ancestors 'none'; cookies, storage and workers cleared",
        stopped_by="Content-Security-Policy; Clear-Site-Data",
    )


def test_in_a_browser_the_colleagues_rights_stay_theirs(
    hostile: str, headers: str, alix: Analyst, demo: Analyst, site: Site, tmp_path: Path
) -> None:
    """The script runs in the browser of alix, who wrote it; demo's browser never loads it."""
    if reason := chromium.missing():
        pytest.skip(reason)
    demo.open_session().kernel.close()
    with chromium.browsing(site, folder=tmp_path) as page:
        _be(page, alix)
        page.goto(site.url.rstrip("/") + EVIL)
        page.wait_for_function("window.done === true", timeout=patience(60_000))
        assert page.title() == "ran"
        tries = page.evaluate("window.tries")
        page.context.clear_cookies()
        _be(page, demo)
        answer = page.goto(site.url.rstrip("/") + EVIL)
        time.sleep(1)
        assert answer is not None
        status = answer.status
        assert page.title() != "ran"
        assert page.evaluate("window.tries === undefined")
    assert status == 403
    # It runs with her rights, but without the hub's cookies and frames, and without a worker outside its path.
    assert "jupyterhub-session-id" not in tries["cookies"], tries
    assert (tries["api"], tries["token"], tries["frame"]) == (403, 404, "nothing"), tries
    assert tries["worker"].startswith("refused"), tries
    assert tries["worker at home"] == "registered", tries
    record(
        "a hostile script in the hub's origin (Chromium)",
        tried="alix's page opened by demo; by alix herself: the hub's cookies, API, tokens, a worker for /, a frame",
        answer=f"demo: {status}, no script ran; alix: none, {tries['api']}, {tries['token']}, {tries['worker']}, {tries['frame']}",
        stopped_by="the gate; HttpOnly, XSRF, frame-ancestors; nginx",
    )


def _gate_cookie(person: Analyst) -> str:
    found = [cookie.value for cookie in person.hub.http.cookies if cookie.name == GATE]
    assert found, f"{person.login} has no pass"
    return str(found[0])


def _be(page: object, person: Analyst) -> None:
    """Give the browser the cookies of the analyst's login."""
    page.context.add_cookies(  # type: ignore[attr-defined]
        [
            {
                "name": cookie.name,
                "value": cookie.value or "",
                "domain": cookie.domain,
                "path": cookie.path,
                "secure": True,
                "httpOnly": cookie.has_nonstandard_attr("HttpOnly"),
            }
            for cookie in person.hub.http.cookies
        ]
    )
