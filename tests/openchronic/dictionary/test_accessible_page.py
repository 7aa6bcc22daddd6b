"""The page of the dictionary, with its drawing, can be read with assistive tools: axe-core finds nothing in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from openchronic.dictionary.page import page as whole_page
from tests import axe
from tests.pace import patience
from tests.smoke import chromium

# Of every kind of part some stay: the others are alike, and axe-core would look at them for a minute.
SHORTENED = """() => {
for (const parts of ['section', 'h2 + table', '.drawing ~ h3, .drawing ~ ul'])
    [...document.querySelectorAll(parts)].forEach((part, place) => { if (place % 8 > 1) part.remove(); });
for (const table of document.querySelectorAll('table'))
    [...table.rows].slice(4).forEach(row => row.remove());
return document.querySelectorAll('table').length; }"""
LEAST_TABLES, LEAST_BOXES = 20, 100
# A drawing without a name and out of the keyboard's reach, and words that hardly differ from their ground.
FAULTS = """() => {
const drawing = document.querySelector('.drawing');
drawing.removeAttribute('tabindex');
const svg = drawing.querySelector('svg');
svg.removeAttribute('aria-labelledby');
for (const name of svg.querySelectorAll('title, desc')) name.remove();
document.querySelector('main p').style.color = 'rgb(60 60 60)'; }"""
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("dictionary") / "dictionary.html"
    written.write_text(whole_page(), encoding="utf-8")
    return written


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.launched([], folder=tmp_path_factory.mktemp("browser")) as found:
        yield found


def shown(browser: Browser, file: Path, *, scheme: Scheme) -> Page:
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 1360, "height": 900}
    )
    context.set_default_timeout(patience(60_000))
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.evaluate(SHORTENED) > LEAST_TABLES
    assert page.locator("svg .box").count() > LEAST_BOXES
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, file: Path, scheme: Scheme) -> None:
    page = shown(browser, file, scheme=scheme)
    try:
        assert axe.violations(page) == []
    finally:
        page.context.close()


def test_axe_finds_what_is_planted(browser: Browser, file: Path) -> None:
    page = shown(browser, file, scheme="dark")
    try:
        page.evaluate(FAULTS)
        found = {one.partition(" ")[0] for one in axe.violations(page)}
        assert found == {"color-contrast", "scrollable-region-focusable", "svg-img-alt"}
    finally:
        page.context.close()
