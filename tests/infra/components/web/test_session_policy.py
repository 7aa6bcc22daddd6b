"""Scripts in a session's page, a notebook's output included, cannot send data elsewhere: tried in a real browser."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.infra.components.web.conftest import OWN
from tests.infra.components.web.front import Front
from tests.infra.components.web.test_raw_paths import WHO
from tests.infra.components.web.upstream import Upstream
from tests.pace import patience
from tests.smoke import chromium

HOSTILE = Path(__file__).parent / "hostile.js"
PAGE = f"/user/{OWN}/files/notebook.html"
# Ways to send data that work in any version of a headless browser: if one fails without the policy, the probe is broken.
SURE = {
    *("fetch", "xhr", "websocket", "event-source", "beacon", "image", "background", "video"),
    *("style-import", "script", "module", "frame", "form", "prefetch", "worker", "srcdoc"),
    *("blob-frame", "webrtc"),
}


@dataclass
class Outside:
    """A server elsewhere that records what it receives."""

    upstream: Upstream = field(default_factory=lambda: Upstream("outside"))
    datagrams: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self.datagrams.append(self.udp.recv(2000))
            except OSError:
                return

    def heard(self) -> set[str]:
        names = {path.rpartition("/")[2] for path in self.upstream.asked if "/hit/" in path}
        return names | ({"webrtc"} if self.datagrams else set())

    def forget(self) -> None:
        self.upstream.asked.clear()
        self.datagrams.clear()


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    found = Outside()
    yield found
    found.upstream.close()
    found.udp.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next((path for name in chromium.NAMES if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=program, args=[*chromium.FLAGS, "--no-sandbox"]
        )
        yield found
        found.close()


def visit(browser: Browser, url: str, outside: Outside, *, cookie: str = "") -> set[str]:
    """Open a page, and return the ways by which data arrived outside."""
    outside.forget()
    context = browser.new_context(ignore_https_errors=True)
    try:
        if cookie:
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        answer = page.goto(url, wait_until="commit")
        assert answer is not None
        assert answer.status == 200
        page.wait_for_function("window.done === true", timeout=patience(60_000))
        assert len(page.evaluate("window.tried")) > 30
        time.sleep(0.5)
        return outside.heard()
    finally:
        context.close()


def test_a_hostile_page_of_a_session_sends_nothing_elsewhere(
    at_work: Front, outside: Outside, browser: Browser
) -> None:
    session = at_work.sessions[OWN]
    script = HOSTILE.read_text()
    script = script.replace("${OUT}", f"http://127.0.0.1:{outside.upstream.port}")
    script = script.replace("STUN", f'"stun:127.0.0.1:{outside.udp.getsockname()[1]}"')
    session.pages[PAGE] = f"<!doctype html><body><script>{script}</script>"
    # The same page without the web server and its policy.
    free = visit(browser, f"http://127.0.0.1:{session.port}{PAGE}", outside)
    assert free >= SURE, f"the probe is broken: {SURE - free}"
    url = f"https://127.0.0.1:{at_work.door.https_port}{PAGE}"
    assert visit(browser, url, outside, cookie=WHO["oneself"]["Cookie"]) == set()


def test_a_page_of_a_session_still_uses_what_jupyterlab_uses(
    at_work: Front, browser: Browser
) -> None:
    """It needs inline and evaluated scripts, workers, data: pictures and fonts, and websockets to its own server."""
    session = at_work.sessions[OWN]
    at_work.forget()
    session.pages[PAGE] = """<!doctype html><body><script>
      window.done = (async () => {
        const pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
        const shown = (source) => new Promise((ok, no) => { const i = new Image(); i.onload = ok; i.onerror = no; i.src = source; });
        await shown(pixel);
        await shown(URL.createObjectURL(await (await fetch(pixel)).blob()));
        new Function("return 1")();
        await new Promise((ok, no) => {
          const worker = new Worker(URL.createObjectURL(new Blob(["postMessage(1)"])));
          worker.onmessage = ok; worker.onerror = no;
        });
        await fetch("../api/status");
        new WebSocket(location.href.replace("https", "wss").replace("files/notebook.html", "api/channels"));
        await new Promise((ok) => setTimeout(ok, 500));
        return "works";
      })().catch((error) => `broken: ${error}`);
    </script>"""
    context = browser.new_context(ignore_https_errors=True)
    site = f"https://127.0.0.1:{at_work.door.https_port}"
    url = site + PAGE
    name, _, value = WHO["oneself"]["Cookie"].partition("=")
    context.add_cookies([{"name": name, "value": value, "url": f"{site}/user/{OWN}/"}])
    page = context.new_page()
    page.goto(url)
    assert page.evaluate("window.done") == "works"
    context.close()
    assert {f"/user/{OWN}/api/status", f"/user/{OWN}/api/channels"} <= set(session.asked)


def test_a_session_does_not_weaken_its_policy(at_work: Front) -> None:
    """Its own policy applies in addition to the web server's."""
    session = at_work.sessions[OWN]
    session.headers = (
        ("Content-Security-Policy", "default-src *"),
        ("Link", "<https://elsewhere.example/x>; rel=preload"),
        ("Refresh", "0; url=https://elsewhere.example/"),
        ("NEL", "{}"),
        ("Report-To", "{}"),
    )
    try:
        answer = at_work.door.ask(f"/user/{OWN}/lab", headers=WHO["oneself"])
    finally:
        session.headers = ()
    policies = answer.every("Content-Security-Policy")
    assert len(policies) == 2
    assert any("connect-src 'self'" in policy for policy in policies)
    for name in ("Link", "Refresh", "NEL", "Report-To"):
        assert not answer.header(name), name
