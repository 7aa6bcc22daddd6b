"""An analyst on a machine without a browser, who uses the pages' forms and the API."""

import html
import re
from collections.abc import Callable

from infra.settings.any_site import AnySite
from infra.settings.offer import Profile
from tests.smoke.first_steps import NOTEBOOK
from tests.smoke.hub import Hub
from tests.smoke.session import Session


class ByForms:
    """``hub`` has logged in. ``session`` gives the user's session, and starts it if it does not run."""

    def __init__(self, hub: Hub, *, site: AnySite, session: Callable[[], Session]) -> None:
        self.hub = hub
        self.site = site
        self.session = session

    def read_landing_page(self) -> str:
        page = self.hub.get("/")
        assert page.status_code == 200, f"the landing page answers {page.status_code}"
        page.encoding = "utf-8"
        assert 'lang="fr"' in page.text
        return html.unescape(page.text)

    def log_in(self) -> None:
        assert self.hub.is_logged_in()

    def accept_charter(self) -> None:
        # The hub's login accepts it by its page.
        assert self.hub.get("/hub/home", allow_redirects=False).status_code == 200

    def read_start_page(self) -> str:
        page = self.hub.get("/hub/spawn")
        assert page.status_code == 200, f"the start page answers {page.status_code}"
        assert 'lang="fr"' in page.text
        for slug, profile in self.site.profiles.items():
            offered = re.findall(rf'<input[^>]*\svalue="{slug}"', page.text)
            assert len(offered) == (0 if profile.projects else 1), (
                f"{slug}: offered {len(offered)} times"
            )
        return html.unescape(page.text)

    def open_session(self, profile: tuple[str, Profile]) -> None:
        assert self.session().value("6 * 7") == 42
        assert self.hub.is_running()

    def run_first_notebook(self) -> str:
        session = self.session()
        notebook = session.kernel.api("GET", f"/contents/{NOTEBOOK}").json()["content"]
        cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert cells, "the notebook holds no code"
        return "".join(session.run(cell, timeout_s=300) for cell in cells)
