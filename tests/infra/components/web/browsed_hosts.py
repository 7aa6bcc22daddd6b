"""Sessions with a host each, the browsers of logged-in users there, and what a hostile page in one of them tries."""

import fnmatch
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from infra.settings import layout
from infra.settings.settings_file import ROOT
from tests.infra.components.web.conftest import DOMAIN, OTHER, OWN, place_for_a_front
from tests.infra.components.web.front import free_port, proxying, serving
from tests.infra.components.web.passes import cookie_of
from tests.infra.components.web.real_hub import PASSWORD, serving_hub
from tests.infra.components.web.upstream import Upstream
from tests.pace import patience
from tests.server.outside.door import Door
from tests.smoke import chromium

SHOTS = ROOT / "build" / "session-hosts"
NEIGHBOUR = (Path(__file__).parent / "neighbour.js").read_text()
NO_ANSWER = "chrome-error:"
HUB, THEIRS, MINE = f"https://{DOMAIN}", f"https://{OWN}.{DOMAIN}", f"https://{OTHER}.{DOMAIN}"


@dataclass(frozen=True)
class Place:
    door: Door
    sessions: dict[str, Upstream]
    browser: Browser
    hub: Path
    """The hub's folder."""

    def forget(self) -> None:
        for session in self.sessions.values():
            session.asked.clear()
            session.heads.clear()


@contextmanager
def browsed(*, people: tuple[str, ...] = (OTHER, OWN)) -> Iterator[Place]:
    """Run the web server with a session for each user, and a browser that finds their hosts."""
    with place_for_a_front() as folder, ExitStack() as afterwards:
        sessions = {name: Upstream(name) for name in people}
        for session in sessions.values():
            afterwards.callback(session.close)
        port = free_port()
        proxy = afterwards.enter_context(proxying(port, domain=DOMAIN))
        ports = {
            layout.PROXY_PORT: proxy.port,
            layout.HUB_PORT: port,
            layout.SESSIONS_API_PORT: free_port(),
        }
        for name in ("web", "hub"):
            (folder / name).mkdir()
        afterwards.enter_context(
            serving_hub(
                folder / "hub",
                port=port,
                proxy=proxy,
                sessions={name: session.port for name, session in sessions.items()},
                domain=DOMAIN,
            )
        )
        door = afterwards.enter_context(serving(folder / "web", ports=ports, domain=DOMAIN))
        end = f"127.0.0.1:{door.https_port}"
        flags = (
            chromium.resolving(DOMAIN, end),
            # Chromium counts a page whose headers the test rewrites as one of a public address, and would refuse its
            # requests to a local one.
            f"--ip-address-space-overrides={end}=public",
        )
        browser = afterwards.enter_context(
            chromium.launched([door.trust], folder=folder, flags=flags)
        )
        yield Place(door, sessions, browser, folder / "hub")


@contextmanager
def somebody(place: Place, login: str, **options: Any) -> Iterator[BrowserContext]:
    """Give a browser context of a user who is logged in by the form and has a running session."""
    context = place.browser.new_context(locale="fr-FR", **options)
    context.set_default_timeout(patience(60_000))
    try:
        page = context.new_page()
        log_in(
            page,
            login,
            asked=f"{HUB}/hub/spawn",
            answered=re.compile(r".*/(hub/(?!login)|user/).*"),
        )
        if "/hub/spawn" in page.url:
            page.click("#spawn_form button, #spawn_form input[type=submit]")
        arrive(page, re.compile(rf"https://{login}\.{re.escape(DOMAIN)}/user/{login}/.*"))
        page.close()
        yield context
    finally:
        context.close()


def go(page: Page, url: str) -> Response | None:
    """Open a URL, and once more if Chromium gave up because this machine's network changed meanwhile."""
    try:
        return page.goto(url)
    except Error as error:
        if "ERR_NETWORK_CHANGED" not in error.message:
            raise
        return page.goto(url)


def log_in(page: Page, login: str, *, asked: str, answered: str | re.Pattern[str]) -> None:
    """Ask for a page, fill in the login form that comes, and wait for the page that answers; once more as `go` does."""
    for last in (False, True):
        go(page, asked)
        page.fill("input[name=username]", login)
        page.fill("input[name=password]", PASSWORD)
        page.click("form button, form input[type=submit]")
        try:
            arrive(page, answered)
        except AssertionError as error:
            if last or "ERR_NETWORK_CHANGED" not in str(error):
                raise
        else:
            return


def arrive(page: Page, url: str | re.Pattern[str]) -> None:
    """Wait until a page is there; otherwise, say which one is, and at once if Chromium has no answer."""
    wanted = re.compile(fnmatch.translate(url)) if isinstance(url, str) else url
    why = "no answer"
    try:
        page.wait_for_url(lambda there: bool(wanted.match(there)) or there.startswith(NO_ANSWER))
    except Error as error:
        why = error.message
    if not wanted.match(page.url):
        shown = page.text_content("body") or ""
        raise AssertionError(f"{page.url} shows {shown[:500]!r}: {why}")


def cookies(context: BrowserContext) -> dict[tuple[str, str], Any]:
    return {(one["name"], one["domain"]): one for one in context.cookies()}


def let_in(context: BrowserContext) -> None:
    """Give the browser the pass of the hostile page's session, which no neighbour can do, to test what follows."""
    name, _, value = cookie_of(OTHER, domain=DOMAIN)["Cookie"].partition("=")
    context.add_cookies(
        [
            {
                "name": name,
                "value": value,
                "domain": f"{OTHER}.{DOMAIN}",
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )


def script(*, hub: str, theirs: str, mine: str, domain: str, xsrf: str = "x") -> str:
    names = {"HUB": hub, "THEIRS": theirs, "MINE": mine, "DOMAIN": domain, "XSRF": xsrf}
    said = "".join(f'const {name} = "{value}";' for name, value in names.items())
    return f"<!doctype html><meta charset=utf-8><title>Une page hostile</title><h1>alix</h1><table></table><script>{said}{NEIGHBOUR}</script>"


def tries(page: Page, url: str) -> dict[str, str]:
    go(page, url)
    page.wait_for_function("window.done === true", timeout=patience(120_000))
    found: dict[str, str] = page.evaluate("window.tries")
    return found


def keep_something(context: BrowserContext) -> None:
    """Store data at demo's own host, as demo's pages would."""
    page = context.new_page()
    go(page, f"{THEIRS}/user/{OWN}/files/secret")
    page.evaluate(
        """async () => {
          localStorage.setItem("theirs", "kept");
          await caches.open("theirs");
          await new Promise((ok) => { indexedDB.open("theirs").onsuccess = ok; });
        }"""
    )
    page.close()
