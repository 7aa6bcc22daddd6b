"""An analyst's first steps, from the landing page to the result of the first notebook: in a browser, where there is one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from infra.settings.cluster_file import Target
from infra.settings.offer import Profile
from tests.smoke.analyst import Analyst
from tests.smoke.analyst_by_browser import ByBrowser
from tests.smoke.analyst_by_forms import ByForms
from tests.smoke.chromium import browsing
from tests.smoke.doorway import way_to
from tests.smoke.first_steps import agreed_count
from tests.smoke.given import Given
from tests.smoke.session import Session

pytestmark = pytest.mark.in_order


@pytest.fixture(scope="module")
def page(site: Target, given: Given) -> Iterator[Page]:
    with browsing(site, folder=given.work, flags=way_to(given)) as page:
        try:
            yield page
        finally:
            page.screenshot(path=given.screenshot("last-page"))


@pytest.fixture
def analyst(site: Target, given: Given, request: pytest.FixtureRequest) -> Analyst:
    if given.browser:
        return ByBrowser(request.getfixturevalue("page"), site=site, given=given)

    def session() -> Session:
        """Late: the session's own fixture starts it."""
        found: Session = request.getfixturevalue("session")
        return found

    return ByForms(request.getfixturevalue("hub"), site=site, session=session)


def test_the_landing_page_is_in_french(analyst: Analyst, site: Target) -> None:
    """the landing page greets in French, and its certificate is good

    nginx on the server, its pages in @WEB_PAGES@; the certificate's authority on this machine
    """
    assert site.title in analyst.read_landing_page()


def test_an_analyst_logs_in(analyst: Analyst) -> None:
    """an analyst logs in

    `journalctl --unit=jupyterhub` and @PAM@/jupyterhub on the server
    """
    analyst.log_in()


def test_the_charter_is_accepted(analyst: Analyst) -> None:
    """an analyst who has not accepted the charter in force is led to it, and on from there

    @ACCEPTANCES@ on the server has who accepted which version
    """
    analyst.accept_charter()


def test_the_start_page_shows_the_profiles(analyst: Analyst, site: Target) -> None:
    """the start page lists, in French, the profiles that an analyst may choose with their limits

    @HUB_CONFIGURATION@/site.json and the templates beside it on the server
    """
    text = analyst.read_start_page()
    for slug, profile in site.profiles.items():
        if not profile.projects:
            assert profile.title in text, f"the page does not name {profile.title}"
            assert re.search(rf"{_number(profile.memory_gb)}\s*Gio", text), (
                f"no memory limit of {slug}"
            )


def test_a_chosen_profile_opens_a_session(analyst: Analyst, profile: tuple[str, Profile]) -> None:
    """a chosen profile opens a session

    `journalctl --unit=jupyterhub` and `docker logs session-<login>` on the server
    """
    analyst.open_session(profile)


def test_the_first_notebook_answers(analyst: Analyst) -> None:
    """the first notebook reads the release with DuckDB and with Spark, and both agree

    session.png in the site's state folder, where a browser ran; `openchronic releases` in a session
    """
    text = analyst.run_first_notebook()
    assert agreed_count(text), f"the notebook says: {text[-300:]}"


def _number(value: float) -> str:
    """Return a number in French notation, as on the page."""
    return f"{value:g}".replace(".", ",")
