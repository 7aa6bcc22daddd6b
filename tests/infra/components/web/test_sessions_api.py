"""The hub's API for sessions: four kinds of requests are accepted, at a limited rate per session."""

import http.client

import pytest

from tests.infra.components.web.front import Front
from tests.pace import patience

PASSES = (
    "/hub/api",
    "/hub/api/",
    "/hub/api/user",
    "/hub/api/user?x=1",
    "/hub/api/users/demo/activity",
    "/hub/api/oauth2/token",
)
REFUSED = (
    *("/", "/hub/", "/hub/login", "/hub/home", "/hub/health", "/user/alix/", "/api/routes"),
    *("/hub/api/users", "/hub/api/users/demo", "/hub/api/users/demo/tokens", "/hub/api/proxy"),
    *("/hub/api/authorizations/token", "/hub/api/oauth2/authorize", "/hub/api/shutdown"),
    *("//hub/api/user", "/hub//api/user", "/hub/api/../login", "/hub/api/%2e%2e/login"),
    *("/hub/api/..%2flogin", "/hub/api/user/../users", "/hub/api/user%2f..%2fusers"),
    *("/hub/api/users/demo/activity/../tokens", "/hub/api/users/demo/../alix/activity"),
    *("/hub/api/users/demo%2ftokens/activity/..", "/%68ub/api/user", "/hub/%61pi/user"),
    *("/hub/api/user;/../users", "/HUB/api/user", "/hub/api/user#/../../login"),
)


def ask(port: int, path: str, *, source: str = "127.0.0.1", method: str = "GET") -> int:
    wire = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=patience(30), source_address=(source, 0)
    )
    try:
        wire.putrequest(method, path, skip_accept_encoding=True)
        wire.endheaders()
        return wire.getresponse().status
    finally:
        wire.close()


@pytest.mark.parametrize("path", PASSES)
def test_what_a_session_needs_reaches_the_hub(path: str, at_work: Front) -> None:
    at_work.forget()
    assert ask(at_work.api_port, path, source="127.0.0.10") == 200
    assert at_work.hub.asked == [path]


def test_nothing_else_does(at_work: Front) -> None:
    at_work.forget()
    answers = {path: ask(at_work.api_port, path, source="127.0.0.11") for path in REFUSED[:40]}
    assert set(answers.values()) <= {400, 404}, answers
    assert at_work.hub.asked == []


def test_a_session_that_asks_without_end_is_slowed_and_its_neighbour_is_not(
    at_work: Front,
) -> None:
    answers = [ask(at_work.api_port, "/hub/api/user", source="127.0.0.12") for _ in range(200)]
    assert answers[:20] == [200] * 20, "a session that starts asks that much"
    assert 429 in answers
    assert ask(at_work.api_port, "/hub/api/user", source="127.0.0.13") == 200
