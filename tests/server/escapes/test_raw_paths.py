"""Attacks on a colleague's running session by paths that nginx, the proxy or the hub may read differently."""

from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.escapes.attack import record
from tests.server.escapes.conftest import EVIL
from tests.server.outside.door import Door
from tests.server.outside.raw_paths import fine, tricks

PAGE = EVIL.removeprefix("/user/alix/")
WEBSOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
}


def test_no_writing_of_a_path_leads_to_a_colleagues_session(
    hostile: str, alix: Analyst, demo: Analyst, site: Site
) -> None:
    """alix's server answers anybody, so only nginx and the proxy can refuse."""
    demo.open_session().kernel.close()
    alix.hub.enter()
    door = Door(site.server.address, demo.trust)
    cookies = {
        "no": {},
        "one's own": {"Cookie": demo.hub.cookies_for("/user/demo/")},
        "the other's": {"Cookie": alix.hub.cookies_for("/user/alix/")},
    }
    control = door.ask(EVIL, headers=cookies["the other's"])
    assert b"waiting" in control.body, "alix's page does not show at all: nothing is proven"
    assert door.ask("/user/demo/api/status", headers=cookies["one's own"]).status == 200
    table = tricks(other="alix", own="demo", page=PAGE)
    wrong = {}
    for trick, path in table.items():
        for who, headers in cookies.items():
            for upgrade in ({}, WEBSOCKET):
                answer = door.ask(path, headers=headers | upgrade)
                if answer.status not in (400, 404) or b"waiting" in answer.body:
                    wrong[f"{trick}, {who} cookie"] = str(answer)
    assert wrong == {}
    record(
        "a colleague's running session by an odd path",
        tried=f"{len(table)} paths x 3 cookies, plain and as websockets, in raw bytes",
        answer="400, 404",
        stopped_by="nginx judges a path as it forwards it",
    )


def test_what_people_ask_for_still_arrives(demo: Analyst, site: Site) -> None:
    demo.open_session().kernel.close()
    door = Door(site.server.address, demo.trust)
    cookies = {"Cookie": demo.hub.cookies_for("/user/demo/")}
    for path in fine("demo"):
        answer = door.ask(path, headers=cookies)
        assert answer.status in (200, 403, 404), f"{path}: {answer}"
        assert b"Adresse refus" not in answer.body, path
