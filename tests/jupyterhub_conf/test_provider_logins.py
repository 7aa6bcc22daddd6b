"""Logins at a provider: the real hub, and a real provider of OpenID Connect beside it."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.infra.components.web.front import free_port
from tests.jupyterhub_conf.step_hub import StepHub, serving
from tests.npm import node
from tests.provider.at_work import AtWork, log_in, providing, through_forms, told

pytestmark = pytest.mark.skipif(node() is None, reason="no Node.js on this machine")

# demo and alix have an account on the server; at the provider, everybody has one.
PEOPLE: dict[str, dict[str, Any]] = {
    "demo": {"groups": ["analystes"]},
    "alix": {"groups": ["analystes-externes", "comptables"]},
    "claire": {"groups": ["analystes"]},
    "capitals": {"preferred_username": "Demo", "groups": ["analystes"]},
    "spaces": {"preferred_username": " demo", "groups": ["analystes"]},
    "list": {"preferred_username": ["demo"], "groups": ["analystes"]},
    "text": {"preferred_username": "demo", "groups": "analystes"},
    "nobody": {"preferred_username": "", "groups": ["analystes"]},
    "smoke": {"preferred_username": "smoke-test", "groups": ["analystes"]},
}
# Whether the account is open is asked every second, instead of every five minutes.
SOON = "\nc.Authenticator.auth_refresh_age = 1\n"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AtWork, int]]:
    port = free_port()
    folder = tmp_path_factory.mktemp("provider")
    with providing(folder, hub=f"http://127.0.0.1:{port}", people=PEOPLE) as found:
        yield found, port


@pytest.fixture(scope="module")
def running(
    provider: tuple[AtWork, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StepHub]:
    at_work, port = provider
    folder = tmp_path_factory.mktemp("hub")
    with serving(folder, second_factor=False, port=port, oidc=at_work.oidc, more=SOON) as found:
        yield found


@pytest.fixture
def hub(running: StepHub) -> StepHub:
    running.forget()
    return running


def users(hub: StepHub) -> set[str]:
    with sqlite3.connect(hub.folder / "hub.sqlite") as database:
        return {name for (name,) in database.execute("SELECT name FROM users")}


def test_a_member_logs_in_accepts_the_charter_and_gets_where_they_wanted(hub: StepHub) -> None:
    browser = hub.browser()
    page = log_in(browser, "demo", path="/hub/login?next=%2Fhub%2Fspawn")
    assert page.status_code == 200
    assert page.url == f"{hub.url}/hub/charter?next=%2Fhub%2Fspawn"
    assert browser.step() == "charter"
    browser.accept_charter()
    assert browser.step() == ""
    assert browser.get("/hub/spawn").status_code == 200
    assert browser.is_logged_in()


def test_the_login_page_says_what_comes_and_asks_for_no_password(hub: StepHub) -> None:
    page = hub.browser().get("/hub/login").content.decode()
    assert "Se connecter" in page
    assert "auprès de votre organisme" in page
    assert "Assistance" in page
    assert "<input" not in page
    browser = hub.browser()
    log_in(browser, "demo")
    browser.accept_charter()
    home = browser.get("/hub/home").content.decode()
    assert "Se déconnecter" in home
    assert "/hub/password" not in home
    for path in ("/hub/password", "/hub/second-factor"):
        assert browser.get(path).status_code == 404
    fields = {"username": "demo", "password": "x", "_xsrf": browser.xsrf}
    stranger = hub.browser()
    stranger.get("/hub/login")
    answer = stranger.http.post(f"{hub.url}/hub/login", data=fields | {"_xsrf": stranger.xsrf})
    assert answer.status_code == 405
    assert not stranger.is_logged_in()


def test_the_way_there_has_pkce_a_state_and_a_nonce_that_are_new_each_time(
    hub: StepHub, provider: tuple[AtWork, int]
) -> None:
    seen = set()
    for _ in range(2):
        answer = hub.browser().get("/hub/oauth_login", allow_redirects=False)
        place = answer.headers["Location"]
        assert place.startswith(f"{provider[0].issuer}/auth?")
        asked = {name: value[0] for name, value in parse_qs(urlsplit(place).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == f"{hub.url}/hub/oauth_callback"
        assert "HttpOnly" in answer.headers["Set-Cookie"]
        seen |= {asked["code_challenge"], asked["state"], asked["nonce"]}
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ("alix", "pas dans un groupe"),
        ("text", "pas dans un groupe"),
        ("claire", "aucun compte"),
        ("capitals", "aucun compte"),
        ("spaces", "aucun compte"),
        ("list", "aucun compte"),
        ("nobody", "aucun compte"),
        ("smoke", "aucun compte"),
    ],
)
def test_who_has_no_account_or_is_in_no_group_is_refused_and_made_no_user(
    hub: StepHub, login: str, why: str
) -> None:
    browser = hub.browser()
    page = log_in(browser, login)
    assert page.status_code == 403
    assert why in told(page)
    assert not browser.is_logged_in()
    assert users(hub) <= {"demo"}
    # The page's other link ends the login at the provider, so that somebody else may log in.
    through_forms(browser.http, f"{hub.url}/hub/logout", login)
    assert log_in(browser, "demo").url.startswith(f"{hub.url}/hub/charter")
    assert users(hub) == {"demo"}


def test_a_locked_account_is_refused_and_its_login_ends(hub: StepHub) -> None:
    browser = hub.browser()
    log_in(browser, "demo")
    browser.accept_charter()
    assert browser.is_logged_in()
    (hub.folder / "locked-demo").touch()
    time.sleep(1.1)
    assert not browser.is_logged_in()
    assert "aucun compte" in told(log_in(browser, "demo"))
    (hub.folder / "locked-demo").unlink()
    other = hub.browser()
    log_in(other, "demo")
    assert other.is_logged_in()


def test_a_way_back_works_once_and_in_the_browser_that_began(hub: StepHub) -> None:
    browser = hub.browser()
    found: list[str] = []

    def stop(answer: requests.Response, *_: object, **__: object) -> None:
        if "/hub/oauth_callback" in answer.headers.get("Location", "") and not found:
            found.append(answer.headers["Location"])
            answer.headers["Location"] = f"{hub.url}/hub/health"

    browser.http.hooks["response"].append(stop)
    log_in(browser, "demo")
    (back,) = found
    cookies = browser.http.cookies.copy()
    # The same link in another browser, one without the state, and one with another state.
    for other in (hub.browser(), hub.browser()):
        assert other.http.get(back).status_code == 400
        other.get("/hub/oauth_login", allow_redirects=False)
        assert other.http.get(back).status_code == 400
        assert not other.is_logged_in()
    answer = browser.http.get(back)
    assert answer.status_code == 200
    assert browser.is_logged_in()
    # Code and state again, with the cookie that went with them.
    again = hub.browser()
    again.http.cookies = cookies
    page = again.http.get(back)
    assert page.status_code == 400
    assert "n’a pas abouti" in told(page)
    assert not again.is_logged_in()


def test_a_logout_ends_the_login_at_the_provider_too(hub: StepHub) -> None:
    browser = hub.browser()
    log_in(browser, "demo")
    # While it lasts there, no form is met.
    asked: list[str] = []
    browser.http.hooks["response"].append(lambda answer, *_, **__: asked.append(answer.text))
    browser.http.cookies.clear(domain="127.0.0.1", path="/hub/")
    log_in(browser, "demo")
    assert not [text for text in asked if 'name="login"' in text]
    left = through_forms(browser.http, f"{hub.url}/hub/logout", "demo")
    assert left.url == f"{hub.url}/hub/signed-out"
    assert "Vous êtes déconnecté" in left.content.decode()
    assert not browser.is_logged_in()
    asked.clear()
    log_in(browser, "demo")
    assert [text for text in asked if 'name="login"' in text], "the provider still knows them"


def test_a_provider_that_is_away_is_said_in_french_and_ends_no_login(
    tmp_path: Path, provider: tuple[AtWork, int]
) -> None:
    away = {**provider[0].oidc, "issuer": f"http://127.0.0.1:{free_port()}"}
    with serving(tmp_path, second_factor=False, oidc=away) as alone:
        page = alone.browser().get("/hub/oauth_login")
        assert page.status_code == 503
        assert "ne répond pas" in told(page)
        assert "Se connecter" in page.content.decode()
        assert alone.browser().get("/hub/logout").url == f"{alone.url}/hub/signed-out"
