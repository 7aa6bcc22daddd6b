"""The charter on a booted server: no session without it, its record, and what a new version asks."""

import json
from collections.abc import Iterator

import pytest

from infra.settings import layout
from tests.server.analyst import PROFILE, Analyst
from tests.server.machine import Machine
from tests.smoke.hub import CHARTER

TEXT = f"{layout.ONBOARDING}/charte.md"


@pytest.fixture
def newer(server: Machine) -> Iterator[None]:
    """Put a newer version of the charter on the server."""
    server.succeed(f"cp -a {TEXT} {TEXT}.test; sed -i 's/^Version [0-9]*/Version 990/' {TEXT}")
    yield
    server.succeed(f'mv {TEXT}.test {TEXT}; sed -i \'/"version": "990"/d\' {layout.ACCEPTANCES}')


def test_an_acceptance_is_on_record_for_root_alone(demo: Analyst, server: Machine) -> None:
    demo.log_in()
    lines = [json.loads(one) for one in server.succeed(f"cat {layout.ACCEPTANCES}").splitlines()]
    mine = [one for one in lines if one["login"] == demo.login]
    assert mine, "demo logged in, and has accepted nothing"
    assert {"login", "when", "version", "sha256", "address"} == set(mine[-1])
    assert server.succeed(f"sha256sum < {TEXT}").split()[0] == mine[-1]["sha256"]
    for place in (layout.LOGINS_STATE, layout.SECOND_FACTORS, layout.ENROLMENTS):
        assert server.succeed(f"stat -c '%U %a' {place}") == "root 700"
    assert server.succeed(f"stat -c '%U %a' {layout.ACCEPTANCES}") == "root 600"


def test_a_new_version_is_accepted_before_the_next_session_by_any_way(
    alix: Analyst, server: Machine, newer: None
) -> None:
    hub = alix.hub
    fields = {"username": alix.login, "password": alix.password}
    hub.http.cookies.clear()
    hub.submit("/hub/login", fields)
    hub.login = alix.login
    if hub.is_running():
        hub.stop()
    assert hub.step() == CHARTER
    refused = hub.api("POST", f"/users/{alix.login}/server", json={"profile": PROFILE})
    assert refused.status_code == 403, refused.text
    assert "acceptez d" in refused.json()["message"], refused.text
    hub.http.post(f"{hub.url}/hub/spawn", data={"profile": PROFILE, "_xsrf": hub.xsrf})
    server.fail(f"docker inspect {alix.container}")
    hub.accept_charter()
    hub.start(PROFILE)
    server.succeed(f"docker inspect {alix.container}")
    hub.stop()


@pytest.fixture
def at_work(demo: Analyst) -> Analyst:
    """Give demo with a running session, for which the charter of before was accepted."""
    demo.log_in()
    if not demo.hub.is_running():
        demo.start(PROFILE)
    demo.hub.enter()
    return demo


def test_a_running_session_is_entered_only_once_it_is_accepted(
    at_work: Analyst, newer: None
) -> None:
    """The session goes on; its user's browser gets no pass of the gate before the charter is accepted."""
    hub = at_work.hub
    answer = hub.get(f"/hub/gate/user/{at_work.login}/lab", allow_redirects=False)
    assert answer.headers["Location"].startswith(f"/hub/{CHARTER}?")
    assert hub.is_running()
    hub.accept_charter()
    hub.enter()
