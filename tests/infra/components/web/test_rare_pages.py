"""The pages of the hub that are there for a moment only, rendered from their templates and tried as all others."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from playwright.sync_api import Browser

from infra.components.web.static_pages import STYLE
from tests.infra.components.web.axe import axe_script, violations
from tests.smoke import chromium
from tests.typography import faults

COMMON: dict[str, Any] = {
    "site_title": "Essai",
    "base_url": "/hub/",
    "xsrf": "x",
    "user": SimpleNamespace(name="alix", escaped_name="alix"),
    "logout_url": "/hub/logout",
    "login_url": "/hub/login",
    "idle_minutes": "60",
    "greatest_age_hours": "168",
    "help": [{"label": "aide@exemple.invalid", "address": "mailto:aide@exemple.invalid"}],
}
STOPPED = {"when": "29/11/2026 à 19\u00a0h\u00a046", "message": "Un message <b>hostile</b>"}
OUT_OF_MEMORY = {"when": STOPPED["when"], "message": "2\u00a0Gio", "why": "memory"}
PAGES: dict[str, dict[str, Any]] = {
    "spawn_pending.html": {"progress_url": "/hub/api/users/alix/server/progress"},
    "stop_pending.html": {},
    "logout.html": {"user": None, "stopped": OUT_OF_MEMORY},
    "not_running.html": {"failed": True, "failed_message": "Le disque du serveur est plein."},
    "password_elsewhere.html": {"address": "https://annuaire.exemple.invalid/mot-de-passe"},
    "error.html": {"status_code": 500, "message": "Un incident"},
    "404.html": {"status_code": 404},
    "oauth.html": {
        "oauth_client": SimpleNamespace(description="Une session"),
        "allowed_scopes": ["a"],
        "scope_descriptions": [{"description": "Lire votre nom", "filter": ""}],
    },
    "home.html": {
        "default_server": SimpleNamespace(active=True),
        "session_opened": "29/11/2026 à 19\u00a0h\u00a046",
        "url": "/user/alix/",
        "stopped": STOPPED,
        "runs": lambda: [
            {
                "id": "20261129-194600-abcd", "file": "un-nom-long-et-sans-espace-" * 3 + ".ipynb",
                "project": "Parcours", "state": state, "started": STOPPED["when"], "ended": "",
                "log": "x" * 200 + "\n<b>hostile</b>",
            }
            for state in ("terminé", "en cours")
        ],
    },
    "administration.html": {
        "rows": [
            {
                "login": "a-very-long-login-of-thirty-one-c", "project": "asthme-et-bpco-en-2026",
                "profile": "Grande", "since": STOPPED["when"], "memory": "1,2\u00a0Gio sur 256",
                "pending": pending,
            }
            for pending in (False, True)
        ],
        "present": ["demo"],
        "docker_answers": True,
        "longest": 300,
        "wrong": "Écrivez un message\u00a0: la personne saura pourquoi.",
        "administers": True,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.launched([], folder=tmp_path_factory.mktemp("browser")) as found:
        yield found


def rendered(name: str) -> str:
    loader = ChoiceLoader([FileSystemLoader(STYLE.parent)])
    page = Environment(loader=loader, autoescape=True).get_template(name)
    return page.render({**COMMON, **PAGES[name]})


def test_every_template_is_tried_here_or_in_a_hub() -> None:
    in_a_hub = {"page.html", "login.html", "spawn.html"}
    # tests/jupyterhub_conf/test_step_pages_in_a_browser.py
    in_steps = {"password.html", "second_factor.html", "charter.html"}
    tried = set(PAGES) | in_a_hub | in_steps
    assert {path.name for path in STYLE.parent.glob("*.html")} == tried


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_rare_page_is_accessible_and_well_set(
    browser: Browser, name: str, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=scheme, java_script_enabled=True)
    try:
        page = context.new_page()
        page.set_content(rendered(name))
        for closed in page.locator("details > summary").all():
            closed.click()
        assert violations(page, axe_script()) == []
        assert faults(page.locator("body").inner_text()) == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    finally:
        context.close()


def test_a_message_is_shown_as_text() -> None:
    assert "Un message &lt;b&gt;hostile&lt;/b&gt;" in rendered("home.html")
