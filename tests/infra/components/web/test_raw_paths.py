"""nginx and the proxy decide on the raw path that they forward: requests are sent byte by byte to both, for real."""

import pytest

from tests.infra.components.web.conftest import OTHER, OWN
from tests.infra.components.web.front import Front
from tests.infra.components.web.passes import cookie_of
from tests.server.outside import h2
from tests.server.outside.door import Door
from tests.server.outside.raw_paths import fine, tricks

WEBSOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
}
REFUSED = (400, 404)
PAGE = "files/evil.html"
THEIRS = f"/user/{OTHER}/{PAGE}"
TRICKS = tricks(other=OTHER, own=OWN, page=PAGE)


WHO = {"nobody": {}, "oneself": cookie_of(OWN), "the other": cookie_of(OTHER)}


@pytest.fixture(params=["by name", "by address"])
def door(request: pytest.FixtureRequest, at_work: Front) -> Door:
    at_work.forget()
    if request.param == "by name":
        return at_work.door
    return Door(at_work.door.address, at_work.door.trust, https_port=at_work.door.https_port)


def test_the_gate_opens_to_whom_it_is_for(door: Door, at_work: Front) -> None:
    """The control: if the gate never opened, a refusal would prove nothing."""
    answer = door.ask(THEIRS, headers=WHO["the other"])
    assert answer.status == 200
    assert f"this is {OTHER}: {THEIRS}".encode() in answer.body
    assert door.ask("/hub/home").body == b"this is the hub: /hub/home"
    for who in ("nobody", "oneself"):
        answer = door.ask(THEIRS, headers=WHO[who])
        assert answer.status == 302
        assert answer.header("Location").endswith(f"/hub/gate{THEIRS}")
    answer = door.ask(THEIRS, headers=WHO["the other"] | WEBSOCKET)
    assert (answer.status, answer.header("X-Who")) == (101, OTHER)


@pytest.mark.parametrize("who", WHO)
def test_no_writing_of_a_path_leads_to_anothers_session(
    who: str, door: Door, at_work: Front
) -> None:
    assert len(TRICKS) >= 40
    answers = {}
    for upgrade in ({}, WEBSOCKET):
        for trick, path in TRICKS.items():
            answers[f"{trick}{' (websocket)' if upgrade else ''}"] = door.ask(
                path, headers=WHO[who] | upgrade
            )
    wrong = {trick: str(one) for trick, one in answers.items() if one.status not in REFUSED}
    assert at_work.sessions[OTHER].asked == []
    assert wrong == {}
    assert at_work.hub.asked == at_work.sessions[OWN].asked == []


def test_a_whole_address_is_judged_by_its_path(door: Door, at_work: Front) -> None:
    """A request line `GET https://host/path`, as clients send to a proxy."""
    plain = f"GET https://{door.host}/hub/home HTTP/1.1\r\nHost: {door.host}\r\n\r\n"
    assert door.send(plain.encode()).body == b"this is the hub: /hub/home"
    at_work.forget()
    for path in [*TRICKS.values(), "", "?x", "#/user/alix/"]:
        for cookie in WHO.values():
            lines = [f"GET https://{door.host}{path} HTTP/1.1", f"Host: {door.host}"]
            lines += [f"{name}: {value}" for name, value in cookie.items()]
            answer = door.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
            assert answer.status in REFUSED or path in ("", "?x"), path
    assert at_work.sessions[OTHER].asked == at_work.hub.asked == at_work.sessions[OWN].asked == []


@pytest.mark.parametrize("who", WHO)
def test_http2_is_judged_alike(who: str, door: Door, at_work: Front) -> None:
    cookie = WHO[who].get("Cookie", "")
    with h2.connect(door) as wire:
        status = h2.ask(wire, 1, THEIRS, host=door.host, cookie=WHO["the other"]["Cookie"])
        assert status == 200, "HTTP/2 does not even reach one's own: nothing is proven"
        at_work.forget()
        paths = [*TRICKS.values(), "*", "hub/home", f"https://{door.host}{THEIRS}"]
        for number, path in enumerate(paths, start=1):
            # 0 stands for a stream that nginx resets, which is a refusal too.
            status = h2.ask(wire, 2 * number + 1, path, host=door.host, cookie=cookie)
            assert status in (0, *REFUSED), (path, status)
    assert at_work.sessions[OTHER].asked == at_work.hub.asked == at_work.sessions[OWN].asked == []


def test_what_people_and_jupyterlab_ask_for_arrives_as_it_was_written(
    door: Door, at_work: Front
) -> None:
    for path in fine(OWN):
        answer = door.ask(path, headers=WHO["oneself"])
        assert answer.status == 200, path
        assert at_work.sessions[OWN].asked[-1] == path.partition("#")[0]
    for path in ("/hub/login?next=%2Fhub%2Fuser%2Fdemo", "/hub/gate/user/demo/lab/tree/a%20b"):
        door.ask(path)
        assert at_work.hub.asked[-1] == path
