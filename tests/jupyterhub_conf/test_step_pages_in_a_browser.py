"""The pages of the steps as people meet them: with a keyboard alone, on a narrow screen, with assistive technology."""

from collections.abc import Iterator

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.jupyterhub_conf.step_hub import FIRST, OWN, StepHub, serving
from tests.pace import patience
from tests.smoke import chromium

NARROW: ViewportSize = {"width": 320, "height": 700}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StepHub]:
    with serving(tmp_path_factory.mktemp("hub"), second_factor=True) as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Give a narrow page. That all works without scripts too, test_step_pages.py shows."""
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.launched((), folder=tmp_path_factory.mktemp("browser")) as browser:
        context = browser.new_context(locale="fr-FR", viewport=NARROW)
        page = context.new_page()
        page.set_default_timeout(patience(60_000))
        yield page


def look(page: Page, path: str) -> None:
    """Check a page as it is now: it fits, and axe finds nothing."""
    at = page.url
    assert path in at, at
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW["width"], f"{path} is {wide} px wide"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def type_and_send(page: Page, *words: str) -> None:
    """Fill in a form from its first field on, with the keyboard alone."""
    for number, word in enumerate(words):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.keyboard.press("Enter")


def test_a_new_user_goes_through_all_steps_by_keyboard_on_a_narrow_screen(
    hub: StepHub, page: Page
) -> None:
    hub.forget()
    hub.settle(password=FIRST, first=True)
    page.goto(f"{hub.url}/hub/login?next=%2Fhub%2Fhome")
    look(page, "/hub/login")
    # The first field of a form has the focus.
    type_and_send(page, "demo", FIRST)
    page.wait_for_url("**/hub/password?**")
    look(page, "/hub/password")
    type_and_send(page, "faux", OWN, OWN)
    page.wait_for_selector("[role=alert]")
    look(page, "/hub/password")
    type_and_send(page, FIRST, OWN, OWN)
    page.wait_for_url("**/hub/second-factor?**")
    look(page, "/hub/second-factor")
    shown = page.locator(".qr svg").bounding_box()
    assert shown
    assert 150 < shown["width"] < 320, "the code is too small to scan, or too wide"
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.locator("#code").focus()
    type_and_send(page, "000000")
    page.wait_for_selector("[role=alert]")
    look(page, "/hub/second-factor")
    page.locator("#code").focus()
    type_and_send(page, pyotp.TOTP(secret).now())
    page.wait_for_url("**/hub/charter?**")
    look(page, "/hub/charter")
    page.locator("#accepted").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/home")
    page.locator("a", has_text="Changer mon mot de passe").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/password")
    look(page, "/hub/password")


def test_the_way_is_in_french_as_it_is_typeset(hub: StepHub, page: Page) -> None:
    hub.forget()
    page.context.clear_cookies()
    page.goto(f"{hub.url}/hub/login")
    type_and_send(page, "demo", OWN)
    page.wait_for_url("**/hub/second-factor?**")
    for path in ("password", "second-factor", "charter"):
        page.goto(f"{hub.url}/hub/{path}")
        if path == "charter":
            assert "/hub/second-factor" in page.url, "a later step may not be jumped to"
        text = page.locator("main").inner_text()
        assert "'" not in text, f"{path}: an apostrophe is ’"
        assert not [sign for sign in (" ?", " :", " ;", " !") if sign in text], f"{path}: no-break"
