"""The administrators' page of a real hub: for the people whom the site names, and closed to everybody else."""

import html
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.infra.components.web.front import free_port, proxying
from tests.infra.components.web.real_hub import PASSWORD, serving_hub
from tests.infra.components.web.upstream import Upstream
from tests.npm import node
from tests.pace import patience
from tests.smoke.hub import Hub

PEOPLE = ("alix", "demo", "sacha")
PAGE = "/hub/administration"
HOSTILE = "<script>document.title='ran'</script> & \"fin\""


@dataclass(frozen=True)
class Place:
    url: str
    log: Path

    def browser(self, login: str = "") -> Hub:
        hub = Hub(self.url, trust=Path("/nonexistent"))
        if login:
            assert hub.log_in(login, PASSWORD)
        return hub

    def said(self) -> str:
        return self.log.read_text()


@pytest.fixture(scope="module")
def place(pytestconfig: pytest.Config) -> Iterator[Place]:
    if node() is None:
        pytest.skip("no Node.js on this machine")
    with tempfile.TemporaryDirectory(prefix="administration-") as name, ExitStack() as afterwards:
        folder, port = Path(name), free_port()
        sessions = {login: Upstream(login) for login in PEOPLE}
        for session in sessions.values():
            afterwards.callback(session.close)
        proxy = afterwards.enter_context(proxying(port, domain=None))
        ports = {login: session.port for login, session in sessions.items()}
        log = folder / "hub.log"
        afterwards.enter_context(
            serving_hub(folder, port=port, proxy=proxy, sessions=ports, domain=None, log=log)
        )
        yield Place(f"http://127.0.0.1:{proxy.port}", log)


@pytest.fixture
def alix(place: Place) -> Iterator[Hub]:
    """Give alix's browser, with an open session."""
    hub = place.browser("alix")
    if not hub.is_running():
        hub.start("petite")
    yield hub
    if hub.is_running():
        hub.stop()


def stop(hub: Hub, login: str, message: str) -> requests.Response:
    """Fill in the form of the page, for whatever login and message."""
    token = re.search(r'name="_xsrf" value="([^"]+)"', hub.get(PAGE).text)
    return hub.http.post(
        hub.url + PAGE,
        data={"login": login, "message": message, "_xsrf": html.unescape(token[1]) if token else hub.xsrf},
        timeout=patience(60),
    )  # fmt: skip


def text_of(answer: requests.Response) -> str:
    # The hub names no encoding; nginx does, and so do the pages.
    body = answer.content.decode().partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_the_page_shows_who_has_a_session_and_how_it_is_without_docker(
    place: Place, alix: Hub
) -> None:
    sacha = place.browser("sacha")
    answer = sacha.get(PAGE)
    assert answer.status_code == 200
    said = text_of(answer)
    assert "Une session est ouverte." in said
    assert re.search(r"alix – Petite \d\d/\d\d/\d{4} à \d\d h \d\d", said), said
    # No Docker answers here: the page is shown all the same.
    assert "Docker ne répond pas" in said
    assert "Sans session, mais vus depuis un quart d’heure : sacha" in said
    assert ">Administration</a>" in sacha.get("/hub/home").text
    assert "administration" not in alix.get("/hub/home").text


@pytest.mark.parametrize("who", ["demo", ""])
def test_everybody_else_is_refused_and_nothing_is_stopped(
    place: Place, alix: Hub, who: str
) -> None:
    hub = place.browser(who)
    assert hub.get("/hub/home" if who else "/hub/login").status_code == 200
    looked = hub.get(PAGE, allow_redirects=False)
    assert (looked.status_code, looked.headers.get("Location", "")) in [
        (403, ""),
        (302, "/hub/login?next=%2Fhub%2Fadministration"),
    ]
    assert bool(who) == (looked.status_code == 403)
    assert "sacha" not in looked.text, "the page tells a stranger who administers"
    for fields in ({"login": "alix", "message": "x"}, {"login": who, "message": "x"}, {}):
        answer = hub.http.post(
            hub.url + PAGE,
            data={**fields, "_xsrf": hub.xsrf},
            timeout=patience(60),
            allow_redirects=False,
        )
        assert answer.status_code == 403
    assert alix.is_running()


def test_jupyterhubs_own_administration_stays_closed(place: Place) -> None:
    for who in ("sacha", "demo"):
        hub = place.browser(who)
        assert hub.get("/hub/admin").status_code == 403
        assert hub.api("GET", "/users").status_code == 403
        assert not hub.api("GET", f"/users/{who}").json().get("admin")


def test_an_administrator_enters_nobodys_session(place: Place, alix: Hub) -> None:
    sacha = place.browser("sacha")
    assert sacha.get("/hub/gate/user/alix/lab").status_code == 403
    assert sacha.api("GET", "/users/alix").status_code in (403, 404)
    assert sacha.api("DELETE", "/users/alix/server").status_code in (403, 404)
    assert alix.is_running()


@pytest.mark.parametrize("token", ["", "forged", "of demo"])
def test_a_form_without_the_administrators_own_token_stops_nothing(
    place: Place, alix: Hub, token: str
) -> None:
    sacha = place.browser("sacha")
    given = place.browser("demo").xsrf if token == "of demo" else token
    answer = sacha.http.post(
        sacha.url + PAGE,
        data={"login": "alix", "message": "x", **({"_xsrf": given} if given else {})},
        timeout=patience(60),
    )
    assert answer.status_code == 403
    assert alix.is_running()


def test_a_stopped_session_has_its_reason_on_its_users_next_page(place: Place, alix: Hub) -> None:
    sacha = place.browser("sacha")
    answer = stop(sacha, "alix", HOSTILE)
    assert answer.status_code == 200
    assert "La session de alix est arrêtée" in text_of(answer)
    assert not alix.is_running()
    for path in ("/hub/home", "/hub/spawn", "/hub/user/alix/lab", "/hub/nothing"):
        page = alix.get(path).content.decode()
        assert "Votre session a été arrêtée par un administrateur le " in page, path
        assert html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
        assert "<script>document.title" not in page
    assert (
        "arrêtée par un administrateur"
        not in place.browser("demo").get("/hub/home").content.decode()
    )
    assert f"Administration: sacha stops the session of alix: {HOSTILE!a}" in place.said()
    # Whoever opens another session has read it.
    alix.start("petite")
    assert "arrêtée par un administrateur" not in alix.get("/hub/home").content.decode()


@pytest.mark.parametrize(
    ("login", "message", "told"),
    [
        ("alix", " \r\n ", "Écrivez un message"),
        ("alix", "x" * 301, "301 caractères, 300 sont possibles"),
        ("demo", "x", "Aucune session de « demo » n’est ouverte."),
        ("nobody", "x", "Aucune session de « nobody » n’est ouverte."),
        ("<b>" * 30, "x", f"« {('<b>' * 30)[:40]}… » n’est ouverte."),
        ("../alix", "x", "Aucune session de « ../alix »"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_stops_nothing(
    place: Place, alix: Hub, login: str, message: str, told: str
) -> None:
    answer = stop(place.browser("sacha"), login, message)
    assert answer.status_code == 400
    assert told in html.unescape(answer.content.decode()).replace("\u00a0", " ")
    assert "<b><b>" not in answer.text
    assert alix.is_running()
