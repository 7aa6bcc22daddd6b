"""Of a session, a browser reaches the paths that its images declare, and no other: ports of the session stay closed."""

import pytest

from infra.settings.image_graph import GRAPH
from tests.infra.components.web.conftest import DOMAIN, OWN
from tests.infra.components.web.front import Front
from tests.infra.components.web.passes import cookie_of
from tests.infra.components.web.test_raw_paths import REFUSED, WEBSOCKET
from tests.server.outside import h2
from tests.server.outside.door import Door
from tests.server.outside.session_ports import ports

PORTS = ports(OWN)
# What its pages ask for, and names that begin as those of its ports do.
RSTUDIO = (
    *("", "/", "?view=plots", "/?view=plots", "/auth-sign-in?appUri=%2Fp%2F8787"),
    *("/rpc/client_init", "/events/get_events", "/rstudio/A0.cache.js", "/session/viewhtml1a/index.html"),
    *("/files/r%C3%A9sultats%20p/x.csv", "/export/x.csv?name=x.csv&file0=p", "/help/library/stats/html/lm.html"),
    *("/presentation/", "/profiles/p/8787/", "/progress?delay=1", "/pdf_js/web", "/files/p/8787/x.csv", "/p6x/", "/pp"),
)  # fmt: skip


@pytest.fixture(params=["at_work", "with_hosts"])
def place(request: pytest.FixtureRequest) -> tuple[Front, Door, dict[str, str]]:
    """Give the web server, the door to demo's session and her cookie; without hosts for sessions and with them."""
    front: Front = request.getfixturevalue(request.param)
    front.forget()
    hosts = request.param == "with_hosts"
    door = front.door_of(f"{OWN}.{DOMAIN}") if hosts else front.door
    return front, door, cookie_of(OWN, domain=DOMAIN) if hosts else cookie_of(OWN)


def test_what_images_declare_arrives(place: tuple[Front, Door, dict[str, str]]) -> None:
    front, door, cookie = place
    for segment in GRAPH.paths(GRAPH.of_sessions).open:
        for path in (f"/user/{OWN}/{segment}", f"/user/{OWN}/{segment}/x?y=proxy/1"):
            assert door.ask(path, headers=cookie).status == 200, path
            assert front.sessions[OWN].asked[-1] == path
    for path in (f"/user/{OWN}", f"/user/{OWN}/", f"/user/{OWN}?x", f"/user/{OWN}/?x"):
        assert door.ask(path, headers=cookie).status == 200, path
    for path in RSTUDIO:
        assert door.ask(f"/user/{OWN}/rstudio{path}", headers=cookie).status == 200, path
    # A path of the proxy's that is a file's name, not its first segment.
    assert door.ask(f"/user/{OWN}/files/proxy/9000/x.csv", headers=cookie).status == 200


def test_no_writing_of_a_path_opens_a_port(place: tuple[Front, Door, dict[str, str]]) -> None:
    front, door, cookie = place
    assert len(PORTS) > 30
    answers = {
        f"{name}{' (websocket)' if upgrade else ''}": door.ask(path, headers=cookie | upgrade)
        for name, path in PORTS.items()
        for upgrade in ({}, WEBSOCKET)
    }
    assert {name: str(one) for name, one in answers.items() if one.status not in REFUSED} == {}
    assert front.sessions[OWN].asked == front.hub.asked == []


def test_http2_opens_no_port_either(place: tuple[Front, Door, dict[str, str]]) -> None:
    front, door, cookie = place
    with h2.connect(door) as wire:
        open_ = h2.ask(wire, 1, f"/user/{OWN}/lab", host=door.host, cookie=cookie["Cookie"])
        assert open_ == 200, "HTTP/2 does not even reach what is open: nothing is proven"
        front.forget()
        for number, (name, path) in enumerate(PORTS.items(), start=1):
            status = h2.ask(wire, 2 * number + 1, path, host=door.host, cookie=cookie["Cookie"])
            assert status in (0, *REFUSED), (name, status)
    assert front.sessions[OWN].asked == front.hub.asked == []
