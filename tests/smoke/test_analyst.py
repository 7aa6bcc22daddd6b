"""An analyst's first steps in a real browser, from the landing page to the result of the first notebook."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from infra.settings.offer import Profile
from infra.settings.site import Site
from tests.pace import patience
from tests.smoke.chromium import browsing
from tests.smoke.first_steps import ANSWER_CELL, NOTEBOOK, agreed_count
from tests.smoke.given import Given

pytestmark = [pytest.mark.browser, pytest.mark.in_order]

SESSION_MS = patience(180_000)
# Spark's first result takes half a minute on two busy processors.
NOTEBOOK_MS = patience(300_000)
LOOK_MS = 2_000
IDLE_LOOKS = 2
ATTEMPTS = 6
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'


@pytest.fixture(scope="module")
def page(site: Site, given: Given) -> Iterator[Page]:
    with browsing(site, folder=given.work) as page:
        try:
            yield page
        finally:
            page.screenshot(path=given.screenshot("last-page"))


def test_the_landing_page_is_in_french(page: Page, site: Site) -> None:
    """the landing page greets in French, with no warning about the certificate

    nginx on the server, its pages in @WEB_PAGES@; the certificate's authority on this machine
    """
    answer = page.goto(site.url)
    assert answer is not None, "no page came"
    assert answer.status == 200, f"the landing page answers {answer.status}"
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_text(site.title).first).to_be_visible()


def test_the_browser_logs_in(page: Page, given: Given) -> None:
    """an analyst logs in with a browser

    `journalctl --unit=jupyterhub` and @PAM@/jupyterhub on the server
    """
    page.locator('a[href*="hub"]').first.click()
    page.locator("#username_input").fill(given.login)
    page.locator("#password_input").fill(given.password)
    page.locator("#login_submit").click()
    page.wait_for_url(re.compile("/hub/(?!login)"))


def test_the_start_page_shows_the_profiles(page: Page, site: Site, given: Given) -> None:
    """the start page lists, in French, the profiles that an analyst may choose with their limits

    @HUB_CONFIGURATION@/site.json and the templates beside it on the server
    """
    page.goto(f"{site.url}hub/spawn")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    text = page.locator("main, body").first.inner_text()
    for slug, profile in site.profiles.items():
        offered = page.locator(f'input[name="profile"][value="{slug}"]')
        expect(offered).to_have_count(0 if profile.groups else 1)
        if not profile.groups:
            assert profile.title in text, f"the page does not name {profile.title}"
            assert re.search(rf"{_number(profile.memory_gb)}\s*Gio", text), (
                f"no memory limit of {slug}"
            )
    page.screenshot(path=given.screenshot("profiles"))


def test_a_chosen_profile_opens_jupyterlab(
    page: Page, site: Site, given: Given, profile: tuple[str, Profile]
) -> None:
    """a chosen profile opens JupyterLab

    `journalctl --unit=jupyterhub` and `docker logs session-<login>` on the server
    """
    page.locator(f'input[name="profile"][value="{profile[0]}"]').check()
    page.locator('form [type="submit"]').first.click()
    page.wait_for_url(re.compile(f"/user/{given.login}/"), timeout=SESSION_MS)
    expect(page.locator("#jp-top-panel, #jp-MainMenu").first).to_be_visible(timeout=SESSION_MS)


def test_the_first_notebook_answers(page: Page, given: Given) -> None:
    """the first notebook reads the release with DuckDB and with Spark, and both agree

    session.png in the site's state folder; `openchronic releases` in a session
    """
    open_by_hand(page)
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(notebook.locator(".jp-CodeCell").first).to_be_visible(timeout=SESSION_MS)
    run_all_cells(page, notebook)
    try:
        text = answer_of(page, notebook)
    finally:
        page.screenshot(path=given.screenshot("session"))
    assert agreed_count(text), f"the notebook says: {text}"
    notebook.locator(IDLE).wait_for(timeout=NOTEBOOK_MS)
    errors = notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')
    assert errors.count() == 0, f"a later cell failed: {errors.first.inner_text()}"


def open_by_hand(page: Page) -> None:
    """Open the notebook folder by folder, as a user does. By its URL, JupyterLab may open it twice, with a kernel each,
    and wait a minute for the one that it closes."""
    for name in NOTEBOOK.split("/"):
        item = page.locator(".jp-DirListing-item", has_text=name).first
        expect(item).to_be_visible(timeout=SESSION_MS)
        item.dblclick()


def run_all_cells(page: Page, notebook: Locator) -> None:
    """Run all cells by the menu, as the notebook says. If JupyterLab asks for a kernel, its proposal is accepted."""
    question = page.locator(".jp-Dialog .jp-mod-accept")
    ready = notebook.locator(IDLE)
    for _ in range(ATTEMPTS):
        with suppress(PlaywrightTimeout):
            ready.or_(question).first.wait_for(timeout=SESSION_MS)
        if not question.is_visible():
            break
        question.click()
    page.locator("#jp-MainMenu .lm-MenuBar-item", has_text=re.compile("^(Exécut|Run)")).click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()


def answer_of(page: Page, notebook: Locator) -> str:
    """Wait until the notebook has run, and return the output of the cell in which both engines agree.

    JupyterLab scrolls to the last cell and removes cells that are out of sight from the page, so this scrolls back to
    the cell. JupyterLab also loses some cells that are run while it connects to the kernel: if the kernel is idle and a
    cell has never run, this runs all cells again.
    """
    cell = notebook.locator(".jp-Cell").nth(ANSWER_CELL)
    answer = cell.locator(".jp-OutputArea-output").first
    never_ran = cell.locator(".jp-InputPrompt", has_text=re.compile(r"^\[ \]"))
    deadline = time.monotonic() + NOTEBOOK_MS / 1000
    asked = idle_looks = 0
    while not answer.is_visible():
        assert time.monotonic() < deadline, f"no answer in the notebook's cell {ANSWER_CELL + 1}"
        with suppress(PlaywrightTimeout):
            cell.scroll_into_view_if_needed(timeout=LOOK_MS)
            answer.wait_for(timeout=LOOK_MS)
        forgotten = never_ran.is_visible() and notebook.locator(IDLE).is_visible()
        idle_looks = idle_looks + 1 if forgotten else 0
        if idle_looks > IDLE_LOOKS:
            assert asked < ATTEMPTS, f"the kernel is idle, the cells never ran: {_errors(notebook)}"
            run_all_cells(page, notebook)
            asked, idle_looks = asked + 1, 0
    answer.scroll_into_view_if_needed()
    return answer.inner_text()


def _errors(notebook: Locator) -> str:
    """Return the errors of all cells."""
    errors = notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')
    notebook.locator(".jp-Cell").first.scroll_into_view_if_needed()
    return " ".join(errors.all_inner_texts()) or "without an error"


def _number(value: float) -> str:
    """Return a number in French notation, as on the page."""
    return f"{value:g}".replace(".", ",")
