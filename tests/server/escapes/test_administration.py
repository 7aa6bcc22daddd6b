"""Attacks by an analyst on the administrators' page: look at it, stop a colleague, forge an administrator's form."""

import secrets
from collections.abc import Iterator

import pytest

from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.escapes.attack import record
from tests.server.machine import Machine
from tests.smoke.hub import Hub
from tests.smoke.session import Session

PAGE = "/hub/administration"


@pytest.fixture(scope="module")
def administrator(site: Site, server: Machine) -> Iterator[Analyst]:
    person = Analyst(site.access.administrators[0], site=site, server=server)
    person.log_in()
    yield person
    person.close()


def post(hub: Hub, fields: dict[str, str], **headers: str) -> int:
    answer = hub.http.post(
        hub.url + PAGE, data=fields, headers=headers, timeout=patience(60), allow_redirects=False
    )
    return answer.status_code


def test_an_analyst_neither_sees_the_page_nor_stops_anybody(
    demo: Analyst, attacker: Session, victim: Session, administrator: Analyst
) -> None:
    assert administrator.hub.get(PAGE).status_code == 200
    answers = {demo.hub.get(PAGE).status_code, demo.hub.get(f"{PAGE}?login=alix").status_code}
    fields = {"login": "alix", "message": "x", "_xsrf": demo.hub.xsrf}
    answers |= {post(demo.hub, fields), post(demo.hub, {**fields, "login": "demo"})}
    assert answers == {403}
    assert victim.value("1 + 1") == 2, "alix's session was stopped"
    record(
        "the administrators' page",
        tried="look, stop alix, stop oneself",
        answer="403",
        stopped_by="the site's list, checked by the hub",
    )


def test_a_sessions_token_opens_no_page(demo: Analyst, attacker: Session, victim: Session) -> None:
    """Not even an administrator's: the page takes a login by the form alone."""
    token = attacker.value("__import__('os').environ['JUPYTERHUB_API_TOKEN']")
    stranger = Hub(demo.hub.url, trust=demo.trust)
    headers = {"Authorization": f"token {token}"}
    assert stranger.http.get(
        f"{stranger.url}/hub/api/user", headers=headers, timeout=patience(60)
    ).ok
    looked = stranger.http.get(
        stranger.url + PAGE, headers=headers, timeout=patience(60), allow_redirects=False
    )
    assert looked.status_code == 302
    assert "/hub/login" in looked.headers["Location"]
    sent = post(stranger, {"login": "alix", "message": "x"}, **headers)
    assert sent == 403
    assert victim.value("1 + 1") == 2
    record(
        "the administrators' page with a session's token",
        tried="GET, POST",
        answer=f"302 to the login, {sent}",
        stopped_by="JupyterHub: pages take no token",
    )


def test_an_administrators_form_cannot_be_forged(
    demo: Analyst, victim: Session, administrator: Analyst
) -> None:
    """In the administrator's browser, with tokens that an analyst can know, and from a page of a session."""
    hub = administrator.hub
    fields = {"login": "alix", "message": "x"}
    answers = {
        "none": post(hub, fields),
        "made up": post(hub, {**fields, "_xsrf": secrets.token_hex(16)}),
        "the attacker's": post(hub, {**fields, "_xsrf": demo.hub.xsrf}),
        "of another site": post(
            hub, {**fields, "_xsrf": hub.xsrf}, **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        ),
    }  # fmt: skip
    assert set(answers.values()) == {403}, answers
    assert victim.value("1 + 1") == 2, "alix's session was stopped"
    record(
        "an administrator's form, forged",
        tried=", ".join(answers),
        answer="403",
        stopped_by="JupyterHub's token, nginx: no form of another site",
    )
