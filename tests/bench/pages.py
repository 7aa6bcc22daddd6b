"""Page loads: by a client that keeps its connection against a static file of nginx, and in a browser."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.bench.measuring import load_average, seen, timed
from tests.bench.result import BenchError, Measure
from tests.bench.server import Server
from tests.server.analyst import Analyst
from tests.smoke import chromium
from tests.smoke.hub import Hub

GROUP = "pages"
ANALYST = "alix"
REPEATS, BROWSED = 30, 3
STATIC = "nginx: a static file"
# What the browser saw: its own account of each transfer.
TRANSFERS = """() => {
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return all.map(one => ({
    name: one.name, moved: one.transferSize, encoded: one.encodedBodySize, decoded: one.decodedBodySize,
  }));
}"""
TEXT = re.compile(r"\.(js|css|json|svg|html)(\?|$)")
WORTH_PACKING = 1400


def measures(server: Server) -> Iterator[Measure]:
    analyst = Analyst(ANALYST, site=server.site, server=server.machine)
    try:
        analyst.open_session().kernel.close()
        yield from _served(analyst)
        if reason := chromium.missing():
            print(f"  left out: page loads in a browser: {reason}")
            return
        yield from _browsed(server, analyst)
    finally:
        analyst.close()


def _served(analyst: Analyst) -> Iterator[Measure]:
    nobody = Hub(analyst.site.url, trust=analyst.trust)
    pages = {
        STATIC: (nobody, "/style.css"),
        "landing": (nobody, "/"),
        "login": (nobody, "/hub/login"),
        "start page": (analyst.hub, "/hub/home"),
        "Lab": (analyst.hub, f"/user/{ANALYST}/lab"),
    }
    for name, (hub, path) in pages.items():

        def get(hub: Hub = hub, path: str = path) -> None:
            answer = hub.get(path)
            if answer.status_code != 200:
                raise BenchError(f"{path} answers {answer.status_code}")

        # The connection is made before it counts.
        get()
        against = "" if name == STATIC else STATIC
        measure = timed(GROUP, name, get, repeats=REPEATS, against=against)
        yield replace(measure, unit="ms", values=tuple(value * 1000 for value in measure.values))


def _browsed(server: Server, analyst: Analyst) -> Iterator[Measure]:
    url = server.site.url
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        chromium.browsing(server.site, folder=Path(folder)) as page,
    ):
        landing, login = "#main, main, body", "#login_submit"
        yield from _visits(page, "landing", url, landing)
        yield from _visits(page, "login", f"{url}hub/login", login)
        page.locator("#username_input").fill(analyst.login)
        page.locator("#password_input").fill(analyst.password)
        page.locator(login).click()
        page.wait_for_url(re.compile("/hub/(?!login)|/user/"))
        yield from _visits(page, "Lab", f"{url}user/{ANALYST}/lab", "#jp-MainMenu")


def _visits(page: Page, name: str, url: str, shown: str) -> Iterator[Measure]:
    """A first visit, with nothing in the browser's cache, and one more."""
    session = page.context.new_cdp_session(page)

    def forget() -> None:
        session.send("Network.clearBrowserCache")

    def visit() -> None:
        page.goto(url)
        expect(page.locator(shown).first).to_be_visible()

    for kind in ("first visit", "again"):
        load = load_average()
        values: list[float] = []
        transfers: list[list[dict[str, Any]]] = []
        for _ in range(BROWSED):
            if kind == "first visit":
                forget()
            one = timed(GROUP, name, visit, repeats=1)
            values += one.values
            page.wait_for_load_state("networkidle")
            transfers.append(page.evaluate(TRANSFERS))
        title = f"browser: {name}, {kind}"
        first = f"browser: {name}, first visit" if kind == "again" else ""
        yield Measure(
            group=GROUP, name=title, unit="s", values=tuple(values), load=load, against=first
        )
        moved = [[row for row in rows if row["moved"] > 0] for rows in transfers]
        yield seen(
            GROUP, f"{title}, transfers", *(float(len(rows)) for rows in moved), unit="requests"
        )
        sizes = (sum(row["moved"] for row in rows) / 1000 for rows in moved)
        yield seen(GROUP, f"{title}, moved", *sizes, unit="kB")
        if kind == "first visit":
            plain = [sum(row["encoded"] for row in rows if _plain(row)) / 1000 for rows in moved]
            yield seen(GROUP, f"{title}, moved uncompressed", *plain, unit="kB")


def _plain(row: dict[str, Any]) -> bool:
    """A text that compression would have made smaller."""
    packed = row["encoded"] < row["decoded"]
    return bool(TEXT.search(row["name"])) and not packed and row["decoded"] > WORTH_PACKING
