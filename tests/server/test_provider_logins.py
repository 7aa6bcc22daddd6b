"""The test box with logins at the organisation's provider: in a browser, by nginx, the hub's unit and its walls."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.npm import node
from tests.pace import patience
from tests.provider.at_work import log_in, through_forms, told
from tests.server.analyst import PARCOURS, PROFILE, Analyst, home_of
from tests.server.deployment import plan
from tests.server.machine import Machine
from tests.server.names import resolving
from tests.server.organisation import NAME, PEOPLE, Organisation, logging_in_at, organisation
from tests.smoke import chromium
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel
from tests.smoke.session import Session
from tests.smoke.trust import authorities

pytestmark = pytest.mark.skipif(node() is None, reason="no Node.js on this machine")

SHOTS = ROOT / "build" / "provider-logins"
NO_ANSWER = "chrome-error:"
FORGET = f'sed -i \'/"login": "alix"/d\' {layout.ACCEPTANCES}'
SITE_JSON = f"{layout.HUB_CONFIGURATION}/site.json"
HUB_UNIT = f"{layout.UNITS}/{layout.HUB_UNIT}"
# Prints the hub's users.
USERS = f"""
import sqlite3
database = sqlite3.connect("file:{layout.HUB_DATABASE}?mode=ro", uri=True)
print(*[name for (name,) in database.execute("SELECT name FROM users")])
"""  # noqa: S608 - a program with a path of ours
# Connects as a process of the hub's unit, whose walls then hold for it.
PROBE = """
import socket, sys
open(sys.argv[1] + "/cgroup.procs", "w").write("0") if sys.argv[1] else None
for place in sys.argv[2:]:
    host, port = place.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=3).close()
        print("open")
    except OSError:
        print("shut")
"""


@dataclass(frozen=True)
class There:
    """The deployed site and its provider, with what ends each of them."""

    site: Site
    provider: Organisation
    running: ExitStack
    deployed: ExitStack

    def browser(self, trust: Path) -> Hub:
        """Return a browser that trusts the site and the provider."""
        both = self.provider.folder / "both.pem"
        both.write_text(trust.read_text() + self.provider.authority.read_text())
        return Hub(self.site.url, trust=both)


@pytest.fixture(scope="module")
def before(server: Machine) -> dict[str, str]:
    """Give the files of the hub as they are with logins by passwords."""
    return {place: server.succeed(f"cat {place}") for place in (SITE_JSON, HUB_UNIT)}


@pytest.fixture(scope="module")
def there(
    site: Site,
    server: Machine,
    before: dict[str, str],
    demo: Analyst,
    alix: Analyst,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[There]:
    assert before
    for person in (demo, alix):
        if person.hub.is_logged_in() and person.hub.is_running():
            person.hub.stop()
    server.execute(FORGET)
    provider = organisation(tmp_path_factory.mktemp("organisation"), site=site)
    with ExitStack() as running, ExitStack() as deployed:
        running.enter_context(provider.open())
        running_with = resolving(NAME, provider.address)
        name = deployed.enter_context(logging_in_at(provider, server=server))
        deployed.enter_context(running_with)
        yield There(load_site(name), provider, running, deployed)


@pytest.fixture(scope="module")
def alix_there(there: There, alix: Analyst) -> Hub:
    """Give a browser in which alix is logged in at the provider."""
    browser = there.browser(alix.trust)
    log_in(browser, "alix")
    if browser.step() == "charter":
        browser.accept_charter()
    return browser


def test_in_a_browser_somebody_logs_in_works_and_leaves(
    there: There, server: Machine, tmp_path: Path
) -> None:
    if reason := chromium.missing():
        pytest.skip(reason)
    SHOTS.mkdir(parents=True, exist_ok=True)
    flags = [chromium.resolving(NAME, there.provider.address)]
    trusted = (*authorities(there.site), there.provider.authority)
    with chromium.launched(trusted, folder=tmp_path, flags=flags) as browser:
        page = browser.new_page(locale="fr-FR", viewport={"width": 1360, "height": 900})
        page.set_default_timeout(chromium.PATIENCE_MS)
        page.goto(f"{there.site.url}hub/spawn")
        page.click("#login_provider")
        _through_the_provider(page, there, "alix")
        # The charter is ours to ask, and the second factor is not.
        page.wait_for_url(re.compile("/hub/charter"))
        page.screenshot(path=SHOTS / "charter.png")
        page.check("#accepted")
        page.click("#charter_submit")
        page.wait_for_url(re.compile("/hub/spawn"))
        _start(page)
        if page.url.startswith(NO_ANSWER):
            # Chromium gives up a form that it sends just when this machine gets or loses an address.
            page.goto(f"{there.site.url}hub/spawn")
            _start(page)
        assert "/user/alix/lab" in page.url
        # The first session of a home opens on the welcome page, and a later one on what was left open.
        page.goto(f"{there.site.url}user/alix/lab?reset")
        page.locator(".jp-LauncherCard[data-category=Notebook]").first.click()
        expect(page.locator("#jp-main-statusbar")).to_contain_text(re.compile(r"\| (Inactif|Idle)"))
        cell = page.locator(".jp-CodeCell .cm-content").first
        cell.click()
        page.keyboard.type("6 * 7")
        expect(cell).to_have_text("6 * 7")
        page.keyboard.press("Shift+Enter")
        expect(page.locator(".jp-OutputArea-output").first).to_have_text("42")
        page.screenshot(path=SHOTS / "lab.png")
        page.goto(f"{there.site.url}hub/home")
        page.click("#logout")
        page.wait_for_url(re.compile(re.escape(there.provider.issuer)))
        page.locator('button[name="logout"], button[type="submit"]').first.click()
        page.wait_for_url(re.compile("/hub/signed-out"))
        page.screenshot(path=SHOTS / "signed-out.png")
        # The provider knows them no more either: it asks again who they are.
        page.goto(f"{there.site.url}hub/login")
        page.click("#login_provider")
        expect(page.locator('input[name="login"]')).to_be_visible()
    server.succeed(f"rm -f {home_of('alix', project=PARCOURS, site=there.site)}/Untitled*.ipynb")


def _through_the_provider(page: Page, there: There, login: str) -> None:
    page.wait_for_url(re.compile(re.escape(there.provider.issuer)))
    page.fill('input[name="login"]', login)
    page.fill('input[name="password"]', "any")
    page.click('button[type="submit"]')
    # It asks for a consent.
    page.locator('input[name="prompt"][value="consent"]').wait_for(state="attached")
    page.click('button[type="submit"]')


def _start(page: Page) -> None:
    """Choose a profile, and wait for the session or for Chromium's own page of an error."""
    page.locator(f'input[name="profile"][value="{PROFILE}"]').check()
    page.locator('form [type="submit"]').first.click()
    page.wait_for_url(
        lambda there: "/user/alix/lab" in there or there.startswith(NO_ANSWER),
        timeout=3 * chromium.PATIENCE_MS,
    )


@pytest.mark.parametrize(
    ("login", "why", "reason"),
    [
        ("demo", "pas dans un groupe", "in none of the groups"),
        ("claire", "aucun compte", "no open account"),
        ("sacha", "authentification plus forte", "acr is"),
    ],
)
def test_who_is_refused_reads_why_and_gets_no_account(
    there: There, server: Machine, alix: Analyst, login: str, why: str, reason: str
) -> None:
    assert login in PEOPLE
    before = (
        server.succeed("cat /etc/passwd"),
        set(server.succeed("python3 -", stdin=USERS).split()),
    )
    since = server.succeed("date '+%F %T'")
    browser = there.browser(alix.trust)
    page = log_in(browser, login)
    assert page.status_code == 403
    assert why in told(page)
    assert not browser.is_logged_in()
    assert (
        server.succeed("cat /etc/passwd"),
        set(server.succeed("python3 -", stdin=USERS).split()),
    ) == before
    journal = server.succeed(f"journalctl --unit=jupyterhub --since='{since}' -o cat --no-pager")
    assert [line for line in journal.splitlines() if "Refused login" in line and reason in line]


def test_a_long_way_back_reaches_the_hub(there: There, alix: Analyst) -> None:
    """Some providers' codes are thousands of characters long, in the URL that leads back."""
    browser = there.browser(alix.trust)
    answer = browser.get(f"/hub/oauth_callback?state=x&code={'c' * 6000}")
    # The hub itself answers, that this browser began no login.
    assert answer.status_code == 400
    assert "n’a pas abouti" in told(answer)


def test_the_hub_reaches_the_provider_and_nothing_else(there: There, server: Machine) -> None:
    provider = f"{there.provider.address}:{there.provider.port}"
    # The server's own address to the outside, where nginx listens, is none that the hub is allowed.
    other = f"{there.site.server.address}:443"
    group = f"/sys/fs/cgroup{{}}{server.unit_property(layout.HUB_UNIT, 'ControlGroup')}"
    unified = group.format("/unified")
    place = unified if server.execute(f"ls {unified}").status == 0 else group.format("")
    probe = f"python3 - '{{}}' {provider} {other}"
    assert server.succeed(probe.format(""), stdin=PROBE).split() == ["open", "open"]
    inside = server.succeed(probe.format(place), stdin=PROBE).split()
    assert inside[1] == "shut"
    if "0" in server.succeed(f"cat {place}/cgroup.procs").split():
        pytest.skip("another box's hub shares this one's cgroup, and its walls hold for both")
    assert inside[0] == "open"


def test_passwords_and_codes_of_this_server_open_nothing(there: There, alix: Analyst) -> None:
    browser = there.browser(alix.trust)
    assert "<input" not in browser.get("/hub/login").content.decode()
    fields = {"username": alix.login, "password": alix.password, "_xsrf": browser.xsrf}
    answer = browser.http.post(f"{browser.url}/hub/login", data=fields)
    assert answer.status_code == 405
    assert not browser.is_logged_in()


def test_the_smoke_test_says_that_it_cannot_log_in_there(there: There) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.smoke", "--site", there.site.name, "--no-browser"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=patience(120),
    )
    assert done.returncode == 1
    assert "analysts of this site log in at their provider" in done.stderr
    assert "open a session yourself" in done.stderr


def test_with_the_provider_away_sessions_go_on_and_the_page_says_why(
    there: There, alix_there: Hub, alix: Analyst
) -> None:
    if not alix_there.is_running():
        alix_there.start(PROFILE)
    session = Session(Kernel(alix_there))
    assert session.value("6 * 7") == 42
    there.running.close()
    stranger = there.browser(alix.trust)
    deadline = time.monotonic() + patience(60)
    # The hub keeps the discovery document for half a minute.
    while (page := stranger.get("/hub/oauth_login", allow_redirects=False)).status_code == 302:
        assert time.monotonic() < deadline, "the hub leads to a provider that is away"
        time.sleep(2)
    assert page.status_code == 503
    assert "ne répond pas" in told(page)
    assert session.value("7 * 6") == 42
    session.kernel.close()
    assert alix_there.is_logged_in()
    # A logout here needs no provider.
    left = alix_there.get("/hub/logout")
    assert left.url == f"{alix_there.url}/hub/signed-out"
    assert not alix_there.is_logged_in()
    there.running.enter_context(there.provider.open())
    time.sleep(1)
    assert log_in(alix_there, "alix").status_code == 200
    assert alix_there.is_running()
    alix_there.stop()
    through_forms(alix_there.http, f"{alix_there.url}/hub/logout", "alix")


def test_a_deploy_brings_passwords_back(
    there: There, server: Machine, alix: Analyst, before: dict[str, str]
) -> None:
    assert server.succeed(f"stat -c %a:%U {layout.PROVIDER_SECRET}") == "600:root"
    there.deployed.close()
    assert {place: server.succeed(f"cat {place}") for place in before} == before
    server.fail(f"ls {layout.PROVIDER_SECRET}")
    assert plan() == ()
    assert alix.can_log_in()
