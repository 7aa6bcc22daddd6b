"""Figures in a browser: every text within the drawing, none over another, and nothing that axe-core finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from playwright.sync_api import Browser

from openchronic.figures import Figure, timeline
from openchronic.figures.lanes import LANES, Fact
from tests import axe
from tests.openchronic.figures.drawn import cohort
from tests.pace import patience
from tests.smoke import chromium

PAGE = (
    '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Figures</title></head>'
    "<body><main><h1>Figures</h1>{}</main></body></html>"
)
# A text's box is higher than its letters by some pixels.
FAULTS = """() => { const faults = [];
for (const svg of document.querySelectorAll('svg')) {
  const edge = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()]);
  for (const [said, box] of texts)
    if (box.left < edge.left || box.right > edge.right || box.top < edge.top || box.bottom > edge.bottom)
      faults.push(`outside: ${said}`);
  texts.forEach(([said, a], place) => texts.slice(place + 1).forEach(([other, b]) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
      faults.push(`${said} over ${other}`); }));
} return faults; }"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.launched([], folder=tmp_path_factory.mktemp("browser")) as found:
        yield found


def of_one_subject() -> Figure:
    """Returns a timeline with every lane."""
    facts = [
        Fact(kind, setting, date(2017, 3, 1), date(2017, 3, day), "x", f"A{day:02}BX")
        for kind, setting, _ in LANES
        for day in (1, 9)
    ]
    span = (date(2016, 1, 1), date(2018, 12, 31))
    rows = duckdb.connect().sql("SELECT 1 AS a")
    assert rows is not None
    return timeline(rows, facts, [span], subject=9007199254740991, span=span)


def drawn() -> list[Figure]:
    made = [cohort(people, seed=people) for people in (60, 1500)]
    return [
        figure for one in made for figure in (one.sankey(), one.sunburst(), one.persistence_curve())
    ]


def test_texts_are_apart_and_within_and_axe_finds_nothing(browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True, viewport={"width": 1360, "height": 900})
    context.set_default_timeout(patience(60_000))
    page = context.new_page()
    try:
        page.set_content(PAGE.format("".join(one.svg for one in drawn())))
        assert page.locator("svg text").count() > 150
        assert page.evaluate(FAULTS) == []
        assert axe.violations(page) == []
        # What is planted is found.
        page.evaluate(
            "() => { const one = document.querySelector('svg text'); one.parentNode.append(one.cloneNode(true)); }"
        )
        assert len(page.evaluate(FAULTS)) == 1
    finally:
        context.close()
