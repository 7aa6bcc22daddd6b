"""Every page in a browser: accessible by axe-core, in light and dark, at 320 pixels, by keyboard, in French typography."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infra.settings.settings_file import ROOT
from tests.infra.components.web.axe import axe_script, violations
from tests.infra.components.web.browsed_hosts import HUB, Place, browsed, go
from tests.infra.components.web.conftest import OTHER, OWN
from tests.infra.components.web.real_hub import CHOSEN, PASSWORD, SLOW
from tests.keyboard import walk_to
from tests.pace import patience
from tests.smoke import chromium
from tests.typography import faults

SHOTS = ROOT / "build" / "pages"
ADMINISTRATOR = "sacha"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# Of nobody, of an analyst without and with a session, and of an administrator.
PAGES = {
    "": ("/", "/charte.html", "/mentions-legales.html", "/accessibilite.html", "/assistance.html", "/nothing", "/hub/login", "/hub/%2e%2e/"),
    OWN: ("/hub/home", "/hub/spawn", f"/hub/user/{OWN}/lab", "/hub/nothing", "/hub/administration"),
    OTHER: ("/hub/home",),
    ADMINISTRATOR: ("/hub/administration",),
}  # fmt: skip
EVERY = [(who, path) for who, paths in PAGES.items() for path in paths]
NARROW = 320


@pytest.fixture(scope="module")
def axe() -> str:
    return axe_script()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with browsed(people=(OTHER, OWN, ADMINISTRATOR)) as found:
        SHOTS.mkdir(parents=True, exist_ok=True)
        yield found


@pytest.fixture(scope="module")
def states(place: Place) -> dict[str, Any]:
    """Give the cookies of each person, by a login in the browser; alix has a session."""
    found: dict[str, Any] = {"": {"cookies": [], "origins": []}}
    for who in filter(None, PAGES):
        context = context_of(place.browser)
        page = context.new_page()
        log_in(page, who, PASSWORD)
        if who == OTHER:
            go(page, f"{HUB}/hub/spawn")
            page.click("#spawn_form button")
            page.wait_for_url(re.compile(rf"https://{who}\..*"))
        found[who] = context.storage_state()
        context.close()
    return found


def context_of(browser: Browser, state: Any = None, scheme: Scheme = "light") -> BrowserContext:
    context = browser.new_context(locale="fr-FR", color_scheme=scheme, storage_state=state)
    context.set_default_timeout(patience(60_000))
    return context


def log_in(page: Page, login: str, password: str) -> None:
    go(page, f"{HUB}/hub/login")
    page.fill("#username_input", login)
    page.fill("#password_input", password)
    page.click("#login_submit")
    page.wait_for_load_state()


def left_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box, selector
    return box["x"]


@pytest.mark.parametrize(("who", "path"), EVERY)
def test_a_page_is_accessible_and_well_set_in_both_colour_schemes(
    place: Place, states: dict[str, Any], axe: str, who: str, path: str
) -> None:
    context = context_of(place.browser, states[who])
    try:
        page = context.new_page()
        go(page, HUB + path)
        for closed in page.locator("details > summary").all():
            closed.click()
        # A page follows the scheme while it is open, by its style sheet alone.
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert_well_set(page, axe, re.sub(r"\W+", "-", f"{who}{path}-{scheme}").strip("-"))
            red = page.evaluate(
                "parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/))"
            )
            assert red > 200 if scheme == "light" else red < 60, scheme
        assert page.locator("h1").count() == 1
        assert faults(page.locator("body").inner_text()) == []
    finally:
        context.close()


def assert_well_set(page: Page, axe: str, name: str) -> None:
    """Assert it of a page as it is shown now, on a wide and on a narrow screen, and keep a picture of each."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert violations(page, axe) == []
    # One alignment: the site's name, the content and the footer begin at the same place.
    lefts = {left_of(page, one) for one in (".brand", "h1", "footer p")}
    assert max(lefts) - min(lefts) < 1, lefts
    page.set_viewport_size({"width": NARROW, "height": 640})
    page.screenshot(path=SHOTS / f"{name}-narrow.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    assert violations(page, axe) == []


@pytest.mark.parametrize(("who", "path"), [("", "/"), ("", "/hub/login"), (ADMINISTRATOR, "/hub/administration")])  # fmt: skip
def test_a_page_is_used_by_keyboard_alone(
    place: Place, states: dict[str, Any], who: str, path: str
) -> None:
    context = context_of(place.browser, states[who])
    try:
        page = context.new_page()
        go(page, HUB + path)
        # As if the page had just been opened, also where a field has the focus at first.
        page.evaluate("document.body.tabIndex = -1, document.body.focus()")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert left_of(page, ".skip") >= 0, "the focus is on something that is not seen"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "contenu"
        focused = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                "(() => { const one = document.activeElement, style = getComputedStyle(one);"
                " return [one.outerHTML.slice(0, 200), one === document.body || style.outlineStyle !== 'none']; })()"
            )
            assert seen[1], f"where the focus is cannot be seen: {seen[0]}"
            focused.add(seen[0])
        links = page.locator("main a[href], main button:visible, main summary, footer a[href]")
        wanted = {one.evaluate("(one) => one.outerHTML.slice(0, 200)") for one in links.all()}
        assert wanted <= focused, wanted - focused
    finally:
        context.close()


def choose(page: Page, name: str, value: str) -> list[str]:
    """Choose a radio button by arrows; return those that were passed."""
    walk_to(page, f"input[name={name}]")
    passed: list[str] = []
    while (at := str(page.evaluate("document.activeElement.value"))) not in (value, *passed):
        passed.append(at)
        page.keyboard.press("ArrowDown")
    assert at == value, f"no arrow leads to {value}, but to {passed}"
    assert page.locator(f"input[name={name}]:checked").get_attribute("value") == value
    return [*passed, at]


KINDS = ["petite", "moyenne", "grande", "rstudio", "pytorch"]


@pytest.mark.parametrize(("kind", "scheme"), [("petite", "light"), ("rstudio", "dark"), ("pytorch", "dark")])  # fmt: skip
def test_each_kind_of_session_is_opened_by_keyboard_alone(
    place: Place, states: dict[str, Any], axe: str, kind: str, scheme: Scheme
) -> None:
    """From the start page, by the waiting page, into the session, and to its end. Each profile that is ready can be chosen."""
    context = context_of(place.browser, states[OWN], scheme)
    slow = place.hub / SLOW
    slow.touch()
    try:
        page = context.new_page()
        go(page, f"{HUB}/hub/spawn")
        choose(page, "project", "variations")
        passed = choose(page, "profile", kind)
        assert passed == KINDS[: KINDS.index(kind) + 1]
        expect(page.locator("input[name=profile]:checked")).to_have_value(kind)
        page.keyboard.press("Enter")
        page.wait_for_url("**/hub/spawn-pending/**")
        page.screenshot(path=SHOTS / f"waiting-{scheme}.png", full_page=True)
        assert page.locator("h1").inner_text() == "Votre session démarre"
        assert violations(page, axe) == []
        assert faults(page.locator("body").inner_text()) == []
        walk_to(page, "#stop")
        walk_to(page, "#progress-details summary")
        page.keyboard.press("Enter")
        expect(page.locator("#progress-log")).to_be_visible()
        assert violations(page, axe) == []
        slow.unlink()
        page.wait_for_url(f"https://{OWN}.*/user/{OWN}/**")
        chosen = json.loads((place.hub / CHOSEN).read_text())
        assert chosen == {"project": "variations", "profile": kind}
        go(page, f"{HUB}/hub/home")
        walk_to(page, "#stop")
        page.keyboard.press("Enter")
        expect(page.locator("#start")).to_have_text("Ouvrir une session")
    finally:
        slow.unlink(missing_ok=True)
        context.close()


def test_an_administrator_stops_a_session_without_script(
    place: Place, states: dict[str, Any]
) -> None:
    scriptless = place.browser.new_context(
        locale="fr-FR", java_script_enabled=False, storage_state=states[ADMINISTRATOR]
    )
    theirs = context_of(place.browser, states[OTHER])
    try:
        page = scriptless.new_page()
        go(page, f"{HUB}/hub/administration")
        page.click(f"summary:has-text('{OTHER}')")
        page.fill("textarea", "Le serveur redémarre <b>bientôt</b>.")
        page.click("button.danger")
        assert (
            f"La session de {OTHER} est arrêtée" in page.locator("[role=status]").first.inner_text()
        )
        hers = theirs.new_page()
        go(hers, f"{HUB}/hub/home")
        told = hers.locator("#stopped").inner_text()
        assert told.endswith("\u00a0: Le serveur redémarre <b>bientôt</b>.")
        hers.screenshot(path=SHOTS / "stopped.png")
        assert hers.locator("#start").inner_text() == "Ouvrir une session"
    finally:
        scriptless.close()
        theirs.close()


def test_a_wrong_password_is_told_in_french(place: Place, axe: str) -> None:
    context = context_of(place.browser, scheme="dark")
    try:
        page = context.new_page()
        log_in(page, OWN, "wrong")
        assert "mot de passe refusé" in page.locator("[role=alert]").inner_text()
        assert violations(page, axe) == []
        assert faults(page.locator("body").inner_text()) == []
        assert page.locator("#assistance a[href^='mailto:']").count() == 1
    finally:
        context.close()
