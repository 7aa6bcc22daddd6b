"""Attacks on what closes the ports of a session: a program there would serve files past every control of downloads."""

from collections.abc import Iterator

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.escapes.attack import record
from tests.server.escapes.conftest import address_of
from tests.server.escapes.test_raw_paths import WEBSOCKET
from tests.server.machine import Machine
from tests.server.outside.door import Door
from tests.server.outside.session_ports import ports

PORT, FILE = 9000, "x.csv"
SERVE = f"""
import subprocess, pathlib
pathlib.Path("/tmp/served").mkdir(exist_ok=True)
pathlib.Path("/tmp/served/{FILE}").write_text("served,by,a,port")
served = subprocess.Popen(["python", "-m", "http.server", "{PORT}", "--directory", "/tmp/served"])
import time, socket
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", {PORT})).close()
        break
    except OSError:
        time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def serving(demo: Analyst) -> Iterator[str]:
    """Give the cookies of demo's session with RStudio's proxy, in which a program serves a file at a port."""
    session = demo.open_session_of("rstudio")
    session.run(SERVE)
    yield demo.hub.cookies_for("/user/demo/")
    session.kernel.close()
    demo.hub.stop()


def test_no_port_of_a_session_is_opened_by_a_path(
    serving: str, demo: Analyst, site: Site, server: Machine
) -> None:
    place = f"http://{address_of(server, demo)}:{layout.SESSION_PORT}"
    cookies = serving.replace("'", "")
    control = server.succeed(
        f"curl --silent --header 'Cookie: {cookies}' {place}/user/demo/proxy/{PORT}/{FILE}"
    )
    assert control == "served,by,a,port", "the session opens no port itself: nothing is proven"
    door = Door(site.server.address, demo.trust)
    assert door.ask("/user/demo/api/status", headers={"Cookie": serving}).status == 200
    wrong = {}
    table = ports("demo", port=PORT, file=FILE)
    for name, path in table.items():
        for upgrade in ({}, WEBSOCKET):
            answer = door.ask(path, headers={"Cookie": serving} | upgrade)
            if answer.status not in (400, 404) or b"served" in answer.body:
                wrong[name] = str(answer)
    assert wrong == {}
    record(
        "a port of one's own session, through the web server",
        image="rstudio",
        tried=f"{len(table)} paths, plain and as websockets, in raw bytes",
        answer="400, 404",
        stopped_by="nginx lets through the first path segments that images declare",
    )
