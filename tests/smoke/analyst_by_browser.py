"""An analyst who uses a real browser, and reads what it shows."""

import html
import re
import time
from contextlib import suppress
from urllib.parse import urljoin

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from infra.settings.any_site import AnySite
from infra.settings.offer import Profile
from tests.pace import patience
from tests.smoke.codes import fresh_code
from tests.smoke.first_steps import ANSWER_CELL, NOTEBOOK
from tests.smoke.given import Given

SESSION_MS = patience(180_000)
# Spark's first result takes half a minute on two busy processors.
NOTEBOOK_MS = patience(300_000)
LOOK_MS = 2_000
IDLE_LOOKS = 2
ATTEMPTS = 6
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'


class ByBrowser:
    def __init__(self, page: Page, *, site: AnySite, given: Given) -> None:
        self.page = page
        self.site = site
        self.given = given

    def read_landing_page(self) -> str:
        answer = self.page.goto(self.site.url)
        assert answer is not None, "no page came"
        assert answer.status == 200, f"the landing page answers {answer.status}"
        expect(self.page.locator("html")).to_have_attribute("lang", "fr")
        expect(self.page.get_by_text(self.site.title).first).to_be_visible()
        return html.unescape(self.page.content())

    def log_in(self) -> None:
        page = self.page
        page.locator('a[href*="hub"]').first.click()
        page.locator("#username_input").fill(self.given.login)
        page.locator("#password_input").fill(self.given.password)
        if self.given.secret:
            page.locator("#otp_input").fill(fresh_code(self.given.secret))
        page.locator("#login_submit").click()
        # Into the session, where one runs.
        page.wait_for_url(re.compile("/hub/(?!login)|/user/"))

    def accept_charter(self) -> None:
        page = self.page
        page.goto(f"{self.site.url}hub/home")
        if "/hub/charter" in page.url:
            page.locator("#accepted").check()
            page.locator("#charter_submit").click()
        page.wait_for_url(re.compile("/hub/home"))

    def read_start_page(self) -> str:
        page = self.page
        page.goto(f"{self.site.url}hub/spawn")
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        for slug, profile in self.site.profiles.items():
            offered = page.locator(f'input[name="profile"][value="{slug}"]')
            expect(offered).to_have_count(0 if profile.projects else 1)
        page.screenshot(path=self.given.screenshot("profiles"))
        return page.locator("main, body").first.inner_text()

    def open_session(self, profile: tuple[str, Profile]) -> None:
        page = self.page
        page.locator(f'input[name="profile"][value="{profile[0]}"]').check()
        page.locator('form [type="submit"]').first.click()
        page.wait_for_url(re.compile(f"/user/{self.given.login}/"), timeout=SESSION_MS)
        expect(page.locator("#jp-top-panel, #jp-MainMenu").first).to_be_visible(timeout=SESSION_MS)

    def run_first_notebook(self) -> str:
        page = self.page
        if self.given.on_cluster:
            # There a home keeps the workspace of an earlier run, which opens another folder.
            page.goto(urljoin(page.url, f"/user/{self.given.login}/lab?reset"))
        open_by_hand(page, NOTEBOOK)
        notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        expect(notebook.locator(".jp-CodeCell").first).to_be_visible(timeout=SESSION_MS)
        run_all_cells(page, notebook)
        try:
            text = answer_of(page, notebook)
        finally:
            page.screenshot(path=self.given.screenshot("session"))
        notebook.locator(IDLE).wait_for(timeout=NOTEBOOK_MS)
        errors = notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')
        assert errors.count() == 0, f"a later cell failed: {errors.first.inner_text()}"
        return text


def open_by_hand(page: Page, notebook: str) -> None:
    """Open a notebook folder by folder, as a user does. By its URL, JupyterLab may open it twice, with a kernel each,
    and wait a minute for the one that it closes."""
    for name in notebook.split("/"):
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


def answer_of(page: Page, notebook: Locator, *, place: int = ANSWER_CELL) -> str:
    """Wait until the notebook has run, and return the output of a cell, by default that in which both engines agree.

    JupyterLab scrolls to the last cell and removes cells that are out of sight from the page, so this scrolls back to
    the cell. JupyterLab also loses some cells that are run while it connects to the kernel: if the kernel is idle and a
    cell has never run, this runs all cells again.
    """
    cell = notebook.locator(".jp-Cell").nth(place)
    answer = cell.locator(".jp-OutputArea-output").first
    never_ran = cell.locator(".jp-InputPrompt", has_text=re.compile(r"^\[ \]"))
    deadline = time.monotonic() + NOTEBOOK_MS / 1000
    asked = idle_looks = 0
    while not answer.is_visible():
        assert time.monotonic() < deadline, f"no answer in the notebook's cell {place + 1}"
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
