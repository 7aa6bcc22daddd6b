"""A session with RStudio, through the real hub, in a browser: the real one, or the stand-in, which says that it is one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.components.jupyterhub import NO_RSTUDIO
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.axe import violations
from tests.server.analyst import Analyst
from tests.smoke import chromium
from tests.smoke.kernel import Kernel

PROFILE = "rstudio"
SHOTS = ROOT / "build" / "rstudio"
LAUNCHER_MS = chromium.PATIENCE_MS * 3


@pytest.fixture(scope="module")
def claire(demo: Analyst) -> Iterator[Analyst]:
    """Give demo with a session of the RStudio profile; afterwards with none."""
    demo.be_logged_in()
    if demo.hub.is_running():
        demo.hub.stop()
    demo.start(PROFILE)
    demo.hub.enter()
    yield demo
    demo.hub.stop()


def test_the_start_page_says_that_rstudio_is_not_there(demo: Analyst, site: Site) -> None:
    demo.be_logged_in()
    if demo.hub.is_running():
        demo.hub.stop()
    said = demo.hub.get("/hub/spawn").text
    assert (NO_RSTUDIO in said) == (not site.packages.has_rstudio)


def test_an_r_kernel_runs_a_cell(claire: Analyst) -> None:
    kernel = Kernel(claire.hub, name="ir")
    said = kernel.run(
        "library(survival); cat(6 * 7, parallel::detectCores(), Sys.getenv('USER'))", timeout_s=180
    )
    kernel.close()
    assert said.split() == ["42", "1", "demo"]


def test_rstudio_opens_in_a_browser(claire: Analyst, site: Site, tmp_path: Path) -> None:
    """Through the web server, whose scheme and host its redirects must keep, and from JupyterLab's launcher."""
    if reason := chromium.missing():
        pytest.skip(reason)
    SHOTS.mkdir(parents=True, exist_ok=True)
    with chromium.browsing(site, folder=tmp_path) as page:
        page.goto(f"{site.url}hub/login?next=%2Fuser%2F{claire.login}%2Frstudio%2F")
        page.fill("input[name=username]", claire.login)
        page.fill("input[name=password]", claire.password)
        page.click("form button, form input[type=submit]")
        page.wait_for_url(f"**/user/{claire.login}/rstudio/**")
        if not site.packages.has_rstudio:
            expect(page.get_by_role("heading", name="STAND-IN")).to_be_visible()
            expect(page.locator("main")).to_contain_text(f"pour {claire.login}")
            assert violations(page) == []
        page.screenshot(path=SHOTS / "rstudio.png")
        # The lists of engines' pages, which are in every session.
        for engine in ("dask", "spark"):
            page.goto(f"{site.url}user/{claire.login}/{engine}/")
            expect(page.locator("h1")).to_have_text(engine.capitalize())
            assert violations(page) == []
        page.goto(f"{site.url}user/{claire.login}/lab")
        tile = page.locator(".jp-LauncherCard", has_text="RStudio").first
        expect(tile).to_be_visible(timeout=LAUNCHER_MS)
        expect(page.locator(".jp-LauncherCard", has_text="R 4.5").first).to_be_visible()
        # The gauge, in French, of the session's own container.
        expect(page.locator("#jp-top-bar")).to_contain_text("Mémoire", timeout=LAUNCHER_MS)
        page.screenshot(path=SHOTS / "lab.png")
