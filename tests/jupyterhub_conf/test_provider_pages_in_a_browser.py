"""A login at a provider as people meet it: in a browser, on a narrow screen, light and dark, with assistive technology."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.jupyterhub_conf.step_hub import StepHub, serving
from tests.pace import patience
from tests.provider.at_work import oidc
from tests.provider.hostile import SECRET, Hostile, hostile
from tests.smoke import chromium

NARROW: ViewportSize = {"width": 320, "height": 700}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StepHub, Hostile]]:
    folder = tmp_path_factory.mktemp("hub")
    with hostile() as provider:
        settings = oidc(folder, issuer=provider.issuer, secret=SECRET)
        with serving(folder, second_factor=False, oidc=settings) as hub:
            yield hub, provider


@pytest.fixture(params=["light", "dark"])
def page(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.launched((), folder=tmp_path_factory.mktemp("browser")) as browser:
        context = browser.new_context(locale="fr-FR", viewport=NARROW, color_scheme=request.param)
        page = context.new_page()
        page.set_default_timeout(patience(60_000))
        yield page


def look(page: Page, path: str) -> None:
    """Check a page as it is now: it fits, and axe finds nothing."""
    assert path in page.url, page.url
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW["width"], f"{path} is {wide} px wide"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_somebody_is_refused_changes_the_account_logs_in_and_out(
    place: tuple[StepHub, Hostile], page: Page
) -> None:
    hub, provider = place
    hub.forget()
    provider.forget()
    page.goto(f"{hub.url}/hub/login?next=%2Fhub%2Fspawn")
    look(page, "/hub/login")
    provider.claims = {"groups": []}
    page.click("#login_provider")
    look(page, "/hub/oauth_callback")
    assert "pas dans un groupe" in page.inner_text("[role=alert]")
    provider.forget()
    page.click("#other_account")
    look(page, "/hub/signed-out")
    page.goto(f"{hub.url}/hub/login?next=%2Fhub%2Fspawn")
    page.focus("#login_provider")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/charter*")
    page.check("[name=accepted]")
    page.click("form [type=submit]")
    page.wait_for_url("**/hub/spawn")
    look(page, "/hub/spawn")
    page.click("#logout")
    page.wait_for_url("**/hub/signed-out")
    look(page, "/hub/signed-out")
