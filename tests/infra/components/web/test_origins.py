"""A hostile page at another session's host, in the browser of a logged-in user: real nginx, proxy, hub and Chromium."""

import re
from collections.abc import Iterator

import pytest

from tests.infra.components.web.browsed_hosts import (
    HUB,
    MINE,
    SHOTS,
    THEIRS,
    Place,
    browsed,
    cookies,
    go,
    keep_something,
    let_in,
    log_in,
    script,
    somebody,
    tries,
)
from tests.infra.components.web.conftest import DOMAIN, OTHER, OWN
from tests.infra.components.web.front import Front
from tests.infra.components.web.passes import BROWSER, COOKIE, HOST_COOKIE, cookie_of
from tests.infra.components.web.real_hub import PASSWORD
from tests.infra.components.web.tossed_cookies import DISGUISES, HOST_ONLY, PATHS, TOSS
from tests.smoke import chromium

EVIL = f"/user/{OTHER}/files/evil.html"
SECRET = f"this is {OWN}"


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with browsed() as found:
        yield found


def test_a_login_leads_to_a_host_of_ones_own(place: Place) -> None:
    """A link into a session leads to the gate, the login form and the gate again; Chromium applies form-action to each."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    with somebody(place, OWN) as context:
        context.clear_cookies()
        page = context.new_page()
        asked = f"{THEIRS}/user/{OWN}/lab?x=1"
        go(page, asked)
        assert page.url.startswith(f"{HUB}/hub/login?next=")
        page.screenshot(path=SHOTS / "login.png")
        log_in(page, OWN, asked=asked, answered=asked)
        assert SECRET in (page.text_content("body") or "")
        page.screenshot(path=SHOTS / "own-session.png")
        there = cookies(context)
        assert ("__Host-jupyterhub-hub-login", DOMAIN) in there
        assert (HOST_COOKIE, f"{OWN}.{DOMAIN}") in there
        assert not [key for key in there if key[1].startswith(".")], "a cookie for all hosts"
        assert all(one["secure"] and one["sameSite"] == "Lax" for one in there.values())
        # No cookie of the hub reaches a session.
        sent = " ".join(line for head in place.sessions[OWN].heads for line in head)
        assert "jupyterhub-hub-login" not in sent
        assert "jupyterhub-session-id" not in sent


def test_a_link_leads_nobody_past_the_gate(place: Place) -> None:
    place.sessions[OTHER].pages[EVIL] = script(hub=HUB, theirs=THEIRS, mine=MINE, domain=DOMAIN)
    with somebody(place, OTHER) as hers:
        # Her redirects are stopped before the last one: the URL that sets the cookie.
        page = hers.new_page()
        hers.clear_cookies(name=HOST_COOKIE)
        brought: list[str] = []
        page.on("request", lambda one: brought.append(one.url) if "/gate/" in one.url and "/hub/" not in one.url else None)  # fmt: skip
        go(page, MINE + EVIL)
        assert page.title() == "Une page hostile", "alix herself does not get her page"
        assert len(brought) == 1
    place.forget()
    with somebody(place, OWN) as context:
        page = context.new_page()
        for link in (MINE + EVIL, brought[0], f"{MINE}/hub/gate/{BROWSER}{EVIL}"):
            answer = go(page, link)
            assert answer is not None
            assert (answer.status, page.title()) != (200, "Une page hostile")
            assert page.evaluate("window.tries === undefined")
        go(page, brought[0])
        page.screenshot(path=SHOTS / "refused-at-the-gate.png")
    assert place.sessions[OTHER].asked == []


# The session's cookies and storage stay empty, whatever the hostile page does.
NOTHING = {
    "cookies there": "",
    "stored there": "null",
    "databases there": "",
    "caches there": "",
    "workers there": "0",
    "worker for theirs": "refused: SecurityError",
    "worker of theirs": "refused: SecurityError",
    "read a file": "refused: TypeError",
    "picture": "refused",
    "script": "refused",
    "frame of theirs": "nothing",
    "websocket": "refused",
    "events": "refused",
    "shared domain": "same",
    "hub: who": "refused: TypeError",
    "hub: page": "refused: TypeError",
    "hub: stop": "refused: TypeError",
    "hub: frame": "nothing",
    "hub: picture": "refused",
    "opener": "none",
}


@pytest.mark.parametrize("policy", ["with our headers", "without our headers"])
def test_a_neighbours_page_reads_and_changes_nothing(place: Place, policy: str) -> None:
    """Also without our headers on the hostile page: the answers of the victim's host and of the hub must suffice."""
    session = place.sessions[OWN]
    session.pages[f"/user/{OWN}/files/opened.html"] = (
        "<script>document.title = String(window.opener)</script>"
    )
    with somebody(place, OTHER) as hers:
        page = hers.new_page()
        go(page, f"{HUB}/hub/home")
        xsrf = {one["value"] for one in hers.cookies() if one["name"] == "_xsrf"}.pop()
    with somebody(place, OWN) as context:
        keep_something(context)
        let_in(context)
        evil = script(
            hub=HUB,
            theirs=f"{THEIRS}/user/{OWN}/files",
            mine=f"{MINE}/user/{OTHER}/files",
            domain=DOMAIN,
            xsrf=xsrf,
        )
        place.sessions[OTHER].pages[EVIL] = evil
        if policy == "without our headers":
            context.route(
                MINE + EVIL, lambda route: route.fulfill(body=evil, content_type="text/html")
            )
        place.forget()
        page = context.new_page()
        found = tries(page, MINE + EVIL)
        page.screenshot(path=SHOTS / f"hostile-{policy.replace(' ', '-')}.png", full_page=True)
        assert {name: found[name] for name in NOTHING} == NOTHING, found
        for name, told in found.items():
            assert SECRET not in told, name
            assert not re.match("read|200|open$|loaded|registered", told), f"{name}: {told}"
        # A form and a no-cors request may be sent, and are refused by the server.
        free = policy == "without our headers"
        assert found["change a file"] == ("opaque" if free else "refused: TypeError")
        # A window may be opened, as by a link, but neither page can reach the other.
        windows = {one.url: one for one in context.pages}
        if f"{THEIRS}/user/{OWN}/files/opened.html" in windows:
            assert windows[f"{THEIRS}/user/{OWN}/files/opened.html"].title() == "null"
        # The session received the request of that window only.
        assert set(session.asked) <= {f"/user/{OWN}/files/opened.html"}
        go(page, f"{HUB}/hub/home")
        page.screenshot(path=SHOTS / f"home-after-{policy.replace(' ', '-')}.png")
        assert page.locator("body").get_attribute("data-user") == OWN
        assert go(page, f"{THEIRS}/user/{OWN}/files/secret") is not None
        assert SECRET in (page.text_content("body") or ""), "demo's session was stopped"


def test_no_cookie_of_ours_is_replaced_by_a_neighbours(place: Place) -> None:
    place.sessions[OTHER].pages[EVIL] = "<!doctype html><title>Une page hostile</title>"
    with somebody(place, OWN) as context:
        let_in(context)
        before = cookies(context)
        page = context.new_page()
        go(page, MINE + EVIL)
        # At most 150 cookies: beyond 180, Chromium drops the oldest.
        page.evaluate(TOSS, [[*HOST_ONLY, COOKIE], list(DISGUISES), ["/", "/hub/"], DOMAIN])
        page.evaluate(TOSS, [[*HOST_ONLY, COOKIE], ["{}"], list(PATHS), DOMAIN])
        after = cookies(context)
        assert (COOKIE, f".{DOMAIN}") in after, "nothing was tossed: nothing is proven"
        # Our cookies are unchanged, and no other cookie has one of their names.
        assert {key: after[key]["value"] for key in before} == {
            key: one["value"] for key, one in before.items()
        }
        assert not [name for name, domain in after if name in HOST_ONLY and domain.startswith(".")]
        go(page, f"{HUB}/hub/home")
        assert page.locator("body").get_attribute("data-user") == OWN
        go(page, f"{THEIRS}/user/{OWN}/lab")
        assert SECRET in (page.text_content("body") or "")


def test_a_jar_of_cookies_that_overflows_makes_nobody_somebody_else(place: Place) -> None:
    """Chromium drops our cookies when there are too many; the user must then log in again, at the hub's own host."""
    place.sessions[OTHER].pages[EVIL] = "<!doctype html><title>Une page hostile</title>"
    with somebody(place, OWN) as context:
        let_in(context)
        page = context.new_page()
        go(page, MINE + EVIL)
        # The browser stores them in its own time, and chooses what it drops: again until ours is gone.
        for turn in range(10):
            many = [f"n{turn}-{number}" for number in range(400)]
            page.evaluate(TOSS, [many, ["{}"], ["/"], DOMAIN])
            if (HOST_ONLY[0], DOMAIN) not in cookies(context):
                break
        assert (HOST_ONLY[0], DOMAIN) not in cookies(context), "the jar never overflowed"
        page.evaluate(TOSS, [list(HOST_ONLY), list(DISGUISES), ["/", "/hub/"], DOMAIN])
        assert not [name for name, domain in cookies(context) if name in HOST_ONLY and domain.startswith(".")]  # fmt: skip
        go(page, f"{HUB}/hub/home")
        assert page.url.startswith(f"{HUB}/hub/login")


def test_tokens_against_forgery_and_numbers_of_logins_of_a_neighbour_do_nothing(
    place: Place,
) -> None:
    """These two cookies have no prefix. The hub accepts nothing with those of the neighbour, which it signed itself."""
    with somebody(place, OTHER) as hers:
        page = hers.new_page()
        go(page, f"{HUB}/hub/home")
        known = {one["name"]: one["value"] for one in hers.cookies()}
    place.sessions[OTHER].pages[EVIL] = "<!doctype html><title>Une page hostile</title>"
    with somebody(place, OWN) as context:
        let_in(context)
        page = context.new_page()
        go(page, MINE + EVIL)
        toss = [known["_xsrf"], known["jupyterhub-session-id"], list(PATHS), DOMAIN]
        page.evaluate(
            """([xsrf, number, paths, domain]) => {
              for (const path of paths) {
                document.cookie = `_xsrf=${xsrf}; Domain=${domain}; Path=${path}; Secure`;
                document.cookie = `jupyterhub-session-id=${number}; Domain=${domain}; Path=${path}; Secure`;
              }
            }""",
            toss,
        )
        assert ("_xsrf", f".{DOMAIN}") in cookies(context), "nothing was tossed"
        # A form from the neighbour's page, and one of the hub's own page with that token.
        go(page, f"{HUB}/hub/home")
        assert page.locator("body").get_attribute("data-user") == OWN
        said = page.evaluate(
            """async (xsrf) => (await fetch(`/hub/api/users/demo/server?_xsrf=${xsrf}`, { method: "DELETE" })).text()""",
            known["_xsrf"],
        )
        assert "XSRF cookie does not match" in said
        go(page, f"{THEIRS}/user/{OWN}/files/secret")
        assert SECRET in (page.text_content("body") or "")
        # The hub refuses the user's forms until the next login; the logout removes the neighbour's cookies.
        go(page, f"{HUB}/hub/logout")
        assert page.url.startswith(f"{HUB}/hub/login")
        assert ("_xsrf", f".{DOMAIN}") not in cookies(context)


def test_who_leaves_leaves_nothing_in_the_browser(place: Place) -> None:
    with somebody(place, OWN) as context:
        keep_something(context)
        page = context.new_page()
        go(page, f"{HUB}/hub/home")
        page.click("#logout")
        page.wait_for_url(re.compile(r".*/hub/login.*"))
        names = {key for key in cookies(context) if key[0] != "_xsrf"}
        assert names == set()
        # Through the gate again, to see that nothing is stored any more.
        page.fill("input[name=username]", OWN)
        page.fill("input[name=password]", PASSWORD)
        page.click("form button, form input[type=submit]")
        go(page, f"{THEIRS}/user/{OWN}/files/secret")
        assert SECRET in (page.text_content("body") or "")
        assert page.evaluate("localStorage.getItem('theirs')") is None
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
        assert page.evaluate("caches.keys().then((all) => all.length)") == 0


def test_where_all_share_a_host_the_same_page_reads_its_neighbour(
    place: Place, at_work: Front
) -> None:
    """The control, and the reason for a session domain: behind the gate, all sessions share one origin."""
    base = f"https://127.0.0.1:{at_work.door.https_port}"
    context = place.browser.new_context(ignore_https_errors=True)
    try:
        for login in (OWN, OTHER):
            name, _, value = cookie_of(login)["Cookie"].partition("=")
            context.add_cookies([{"name": name, "value": value, "url": f"{base}/user/{login}/"}])
        page = context.new_page()
        go(page, f"{base}/user/{OWN}/files/secret")
        page.evaluate("localStorage.setItem('theirs', 'kept')")
        at_work.sessions[OTHER].pages[EVIL] = script(
            hub=base,
            theirs=f"{base}/user/{OWN}/files",
            mine=f"{base}/user/{OTHER}/files",
            domain="127.0.0.1",
        )
        at_work.forget()
        found = tries(page, base + EVIL)
        page.screenshot(path=SHOTS / "one-host-for-all.png", full_page=True)
    finally:
        context.close()
        del at_work.sessions[OTHER].pages[EVIL]
    assert found["read a file"].startswith(f"200: {SECRET}"), found
    assert found["stored there"] == "kept"
    assert found["frame of theirs"].startswith("read: ")
    assert found["window of theirs"].startswith("read: ")
    assert {
        f"/user/{OWN}/files/{path}" for path in ("changed", "websocket", "beacon", "script")
    } <= set(at_work.sessions[OWN].asked)
