"""The pages of the steps as people meet them: by keyboard alone, on a narrow screen, in light and dark, with axe-core."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pyotp
import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from infra.settings.settings_file import ROOT
from tests.axe import violations
from tests.jupyterhub_conf.step_hub import FIRST, OWN, StepHub, serving
from tests.keyboard import walk_to
from tests.pace import patience
from tests.smoke import chromium
from tests.typography import faults

SHOTS = ROOT / "build" / "pages"
NARROW: ViewportSize = {"width": 320, "height": 700}
WIDE: ViewportSize = {"width": 1280, "height": 800}
Scheme = Literal["light", "dark"]
# Of the red in a page's background, of 255.
LIGHT_FROM, DARK_UP_TO = 200, 60


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StepHub]:
    with serving(tmp_path_factory.mktemp("hub"), second_factor=True) as found:
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if reason := chromium.missing():
        pytest.skip(reason)
    SHOTS.mkdir(parents=True, exist_ok=True)
    with chromium.launched((), folder=tmp_path_factory.mktemp("browser")) as found:
        yield found


@dataclass(frozen=True)
class Reader:
    """A page in a scheme of colours, and who looks at it. That all works without scripts too, test_step_pages.py shows."""

    page: Page
    scheme: Scheme

    def look(self, path: str, *, picture: str = "") -> None:
        """Check the page as it is now, narrow and wide: it fits, axe finds nothing, and its French is well set."""
        assert path in self.page.url, self.page.url
        for viewport, name in ((WIDE, ""), (NARROW, "-narrow")):
            self.page.set_viewport_size(viewport)
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= viewport["width"], f"{path} is {wide} px wide"
            assert violations(self.page) == []
            if picture:
                place = SHOTS / f"{picture}-{self.scheme}{name}.png"
                self.page.screenshot(path=place, full_page=True)
        lefts = {self._left_of(one) for one in (".brand", "h1", "footer p")}
        assert max(lefts) - min(lefts) < 1, f"{path}: more than one alignment: {lefts}"
        red = self.page.evaluate(
            "parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/))"
        )
        assert red > LIGHT_FROM if self.scheme == "light" else red < DARK_UP_TO
        assert faults(self.page.locator("main").inner_text()) == []

    def _left_of(self, selector: str) -> float:
        box = self.page.locator(selector).first.bounding_box()
        assert box, selector
        return box["x"]


@pytest.fixture(params=["light", "dark"])
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Reader]:
    scheme: Scheme = request.param
    context = browser.new_context(locale="fr-FR", viewport=NARROW, color_scheme=scheme)
    context.set_default_timeout(patience(60_000))
    yield Reader(context.new_page(), scheme)
    context.close()


def type_and_send(page: Page, *words: str) -> None:
    """Fill in a form from the field that has the focus on, with the keyboard alone."""
    for number, word in enumerate(words):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.keyboard.press("Enter")


def test_a_new_user_goes_through_all_steps_by_keyboard_alone(hub: StepHub, reader: Reader) -> None:
    page = reader.page
    hub.forget()
    hub.settle(password=FIRST, first=True)
    page.goto(f"{hub.url}/hub/login?next=%2Fhub%2Fhome")
    reader.look("/hub/login")
    # The first field of a form has the focus.
    type_and_send(page, "demo", FIRST)
    page.wait_for_url("**/hub/password?**")
    reader.look("/hub/password", picture="first-password")
    type_and_send(page, "faux", OWN, OWN)
    page.wait_for_selector("[role=alert]")
    reader.look("/hub/password")
    type_and_send(page, FIRST, OWN, OWN)
    page.wait_for_url("**/hub/second-factor?**")
    reader.look("/hub/second-factor", picture="second-factor")
    shown = page.locator(".qr svg").bounding_box()
    assert shown
    assert 150 < shown["width"] < 320, "the code is too small to scan, or too wide"
    secret = page.locator("#secret").inner_text().replace(" ", "")
    walk_to(page, "#code")
    type_and_send(page, "000000")
    page.wait_for_selector("[role=alert]")
    reader.look("/hub/second-factor")
    # A later step is not to be jumped to.
    page.goto(f"{hub.url}/hub/charter")
    page.wait_for_url("**/hub/second-factor?**")
    walk_to(page, "#code")
    type_and_send(page, pyotp.TOTP(secret).now())
    page.wait_for_url("**/hub/charter?**")
    reader.look("/hub/charter", picture="charter")
    walk_to(page, "#accepted")
    page.keyboard.press("Space")
    walk_to(page, "#charter_submit")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/home")
    walk_to(page, "a[href$='/hub/password']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/password")
    reader.look("/hub/password", picture="password")
    type_and_send(page, OWN, FIRST, FIRST)
    page.wait_for_selector("[role=status]")
    reader.look("/hub/password", picture="password-changed")
