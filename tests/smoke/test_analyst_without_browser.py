"""An analyst's first steps on a machine without a browser, through the pages' forms and the API."""

import pytest

from infra.settings.offer import Profile
from infra.settings.site import Site
from tests.smoke.first_steps import NOTEBOOK, agreed_count
from tests.smoke.given import Given
from tests.smoke.hub import Hub
from tests.smoke.session import Session

pytestmark = [pytest.mark.without_browser, pytest.mark.in_order]


def test_the_landing_page_is_in_french(site: Site, hub: Hub) -> None:
    """the landing page greets in French, and its certificate is good

    nginx on the server, its pages in @WEB_PAGES@; the certificate's authority on this machine
    """
    page = hub.get("/")
    assert page.status_code == 200, f"the landing page answers {page.status_code}"
    page.encoding = "utf-8"
    assert 'lang="fr"' in page.text
    assert site.title in page.text


def test_an_analyst_logs_in(hub: Hub) -> None:
    """an analyst logs in

    `journalctl --unit=jupyterhub` and @PAM@/jupyterhub on the server
    """
    assert hub.is_logged_in()


def test_a_profile_starts(running: Hub, profile: tuple[str, Profile], session: Session) -> None:
    """a chosen profile starts a session with its limits

    `journalctl --unit=jupyterhub` and `docker logs session-<login>` on the server
    """
    assert running.is_running()
    assert session.value("6 * 7") == 42


def test_the_first_notebook_answers(running: Hub, session: Session, given: Given) -> None:
    """the first notebook reads the release with DuckDB and with Spark, and both agree

    `openchronic releases` in a session
    """
    notebook = session.kernel.api("GET", f"/contents/{NOTEBOOK}").json()["content"]
    cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells, "the notebook holds no code"
    said = "".join(session.run(cell, timeout_s=300) for cell in cells)
    assert agreed_count(said), f"the notebook ends with: {said[-300:]}"
