"""The test box with a session domain: sessions are opened and attacked at their own hosts; then it is reset."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.server.analyst import PROFILE, Analyst
from tests.server.deployment import deploy, variant
from tests.server.machine import Machine
from tests.server.names import resolving
from tests.server.outside.door import Door
from tests.server.outside.raw_paths import PLAIN, fine, tricks
from tests.smoke import chromium
from tests.smoke.hub import Hub

DOMAIN = "big-data.example"
WITH_HOSTS = {"[server.ssh]": f'[server]\nsession_domain = "{DOMAIN}"\n\n[server.ssh]'}
SHOTS = ROOT / "build" / "session-hosts"
PAGE = "api/status"
WEBSOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
}


@pytest.fixture(scope="module")
def there(site: Site, demo: Analyst, alix: Analyst) -> Iterator[Site]:
    """Deploy the site with a session domain, after stopping the sessions, which know the old address only."""
    for person in (demo, alix):
        if person.hub.is_logged_in() and person.hub.is_running():
            person.hub.stop()
    try:
        with variant(WITH_HOSTS, name="hosts") as name:
            done = deploy(name)
            assert done.status == 0, str(done)
            with resolving(DOMAIN, site.server.address):
                yield load_site(name)
    finally:
        last = deploy()
    assert last.status == 0, str(last)


@pytest.fixture(scope="module")
def people(there: Site, demo: Analyst, alix: Analyst) -> Iterator[dict[str, Analyst]]:
    """Give both analysts with a running session that its owner has opened."""
    found = {}
    for person in (demo, alix):
        by_name = copy.copy(person)
        by_name.site, by_name.hub = there, Hub(there.url, trust=person.trust)
        by_name.log_in()
        by_name.start(PROFILE)
        by_name.hub.enter()
        found[person.login] = by_name
    yield found
    for person in found.values():
        person.hub.stop()


def test_a_session_is_opened_at_its_owners_host(people: dict[str, Analyst]) -> None:
    for login, person in people.items():
        assert person.hub.session_url == f"https://{login}.{DOMAIN}"
        session = person.open_session()
        assert session.value("6 * 7") == 42
        assert session.value("os.environ['USER']") == login
        session.kernel.close()
        names = {cookie.name: cookie for cookie in person.hub.http.cookies}
        for name in ("__Host-jupyterhub-hub-login", f"__Host-jupyterhub-user-{login}"):
            assert names[name].path == "/"
            assert names[name].secure
        assert names["__Host-session_gate"].domain == f"{login}.{DOMAIN}"
        assert not [one.name for one in names.values() if one.domain_specified]


def test_no_writing_of_a_path_leads_to_a_colleagues_session(
    people: dict[str, Analyst], there: Site
) -> None:
    demo, alix = people["demo"], people["alix"]
    who = {
        "no": {},
        "one's own": {"Cookie": demo.hub.cookies_for("/user/demo/")},
        "the other's": {"Cookie": alix.hub.cookies_for("/user/alix/")},
    }
    theirs = Door(f"alix.{DOMAIN}", demo.trust)
    control = theirs.ask(f"/user/alix/{PAGE}", headers=who["the other's"])
    assert (control.status, b"started" in control.body) == (200, True), control
    for name in ("no", "one's own"):
        answer = theirs.ask(f"/user/alix/{PAGE}", headers=who[name])
        assert answer.header("Location").startswith(f"https://{DOMAIN}/hub/gate/")
    table = tricks(other="alix", own="demo", page=PAGE)
    wrong = {}
    for host in (DOMAIN, f"demo.{DOMAIN}", f"alix.{DOMAIN}", there.server.address):
        door = Door(host, demo.trust)
        for name, cookies in who.items():
            answer = door.ask(f"/user/alix/{PAGE}", headers=cookies)
            if host != f"alix.{DOMAIN}":
                assert answer.status in (302, 404), (host, name)
            for trick, path in table.items():
                for upgrade in ({}, WEBSOCKET):
                    answer = door.ask(path, headers=cookies | upgrade)
                    onwards = host == there.server.address and trick in PLAIN and answer.header("Location") == f"https://{DOMAIN}{path}"  # fmt: skip
                    if answer.status not in (400, 404) and not onwards:
                        wrong[f"{trick}, {name} cookie, {host}"] = str(answer)
    assert wrong == {}
    door = Door(f"demo.{DOMAIN}", demo.trust)
    for path in fine("demo"):
        answer = door.ask(path, headers=who["one's own"])
        assert answer.status in (200, 403, 404), f"{path}: {answer}"
        assert b"Adresse refus" not in answer.body, path


@pytest.fixture
def _tidy(people: dict[str, Analyst], server: Machine) -> Iterator[None]:
    """Remove the new notebook at the end: later tests expect the home without it."""
    yield
    server.succeed(f"rm -f {people['demo'].home}/Untitled*.ipynb")


@pytest.mark.usefixtures("_tidy")
def test_in_a_browser_lab_works_and_a_colleagues_page_stays_shut(
    people: dict[str, Analyst], there: Site, tmp_path: Path
) -> None:
    if reason := chromium.missing():
        pytest.skip(reason)
    demo = people["demo"]
    SHOTS.mkdir(parents=True, exist_ok=True)
    flags = [chromium.resolving(DOMAIN, there.server.address)]
    with chromium.browsing(there, folder=tmp_path, flags=flags) as page:
        failed: list[str] = []
        page.on("requestfailed", lambda one: failed.append(f"{one.url}: {one.failure}"))
        page.goto(f"https://demo.{DOMAIN}/user/demo/lab")
        page.locator("#username_input").fill(demo.login)
        page.locator("#password_input").fill(demo.password)
        page.locator("#login_submit").click()
        page.wait_for_url(re.compile(rf"https://demo\.{re.escape(DOMAIN)}/user/demo/lab"))
        page.locator(".jp-LauncherCard[data-category=Notebook]").first.click()
        # JupyterLab does not run a cell before its kernel answers.
        expect(page.locator("#jp-main-statusbar")).to_contain_text(re.compile(r"\| (Inactif|Idle)"))
        cell = page.locator(".jp-CodeCell .cm-content").first
        cell.click()
        page.keyboard.type("6 * 7")
        expect(cell).to_have_text("6 * 7")
        page.keyboard.press("Shift+Enter")
        # The output comes through a websocket to this host.
        expect(page.locator(".jp-OutputArea-output").first).to_have_text("42")
        page.screenshot(path=SHOTS / "lab-on-a-box.png")
        assert not [one for one in failed if "/api/" in one], failed
        assert not [one for one in page.context.cookies() if one["domain"].startswith(".")]
        answer = page.goto(f"https://alix.{DOMAIN}/user/alix/lab")
        assert answer is not None
        assert answer.status == 403
        page.screenshot(path=SHOTS / "colleague-on-a-box.png")
        page.goto(f"https://{DOMAIN}/hub/home")
        page.locator("#logout").click()
        page.wait_for_url(re.compile(r".*/hub/login.*"))
        assert {one["name"] for one in page.context.cookies()} <= {"_xsrf"}


def test_the_hub_is_reached_by_its_name_from_wherever_one_comes(
    people: dict[str, Analyst], there: Site, server: Machine
) -> None:
    trust = people["demo"].trust
    for host in (there.server.address, f"demo.{DOMAIN}"):
        answer = Door(host, trust).ask("/hub/home")
        assert answer.header("Location") == f"https://{DOMAIN}/hub/home"
    assert Door(there.server.address, trust).ask("/").header("Location") == f"https://{DOMAIN}/"
    # Requests from the server itself, or through `ssh -L`, are redirected too.
    said = server.succeed("curl --silent --insecure --head https://127.0.0.1/hub/home")
    assert f"https://{DOMAIN}/hub/home" in said
