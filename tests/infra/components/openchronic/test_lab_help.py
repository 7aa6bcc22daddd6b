"""The entry of JupyterLab's help menu, and the files that sessions find beside it."""

import json

from infra.components.openchronic import onboarding_files
from infra.components.openchronic.lab_help import SETTINGS, lab_help_files
from infra.components.web.static_pages import help_address
from infra.settings.help import Help
from infra.settings.site import Site
from infra.settings.site_file import load_site


def test_the_menu_leads_to_the_page_of_the_help_in_a_tab_of_its_own() -> None:
    [(path, file)] = lab_help_files(Help(name="Aide"), address="/assistance.html").items()
    assert path == SETTINGS
    (menu,) = json.loads(file.content)["@jupyterlab/mainmenu-extension:plugin"]["menus"]
    assert menu["id"] == "jp-mainmenu-help"
    assert menu["items"][0]["args"] == {
        "text": "Écrire à l’assistance",
        "url": "/assistance.html",
        "newBrowserTab": True,
    }


def test_without_anybody_who_helps_there_is_no_entry() -> None:
    assert lab_help_files(Help(), address="/assistance.html") == {}


def test_where_sessions_have_hosts_the_page_is_at_the_hubs() -> None:
    site: Site = load_site("box")
    assert help_address(site) == "/assistance.html"
    server = site.server.model_copy(update={"session_domain": "big-data.example"})
    own = site.model_copy(update={"server": server})
    assert help_address(own) == "https://big-data.example/assistance.html"


def test_texts_of_the_web_server_are_not_among_the_tutorials() -> None:
    assert "charte.md" in onboarding_files()
    assert not {"mentions-legales.md", "accessibilite.md"} & set(onboarding_files())
