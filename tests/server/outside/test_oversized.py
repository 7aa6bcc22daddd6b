"""Requests that are too large: each gets an error at once, and the hub still answers other users."""

import contextlib
import gzip
import html
import json
import re
import ssl
import uuid
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import websocket

from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.server.outside.conftest import Note
from tests.server.outside.door import Answer, Door
from tests.server.outside.strangers import browser

LOGIN = "/hub/login"
MIB = 1 << 20
# A hub that decompresses a bomb or keeps a body would grow by more.
GROWTH_MIB = 60


@pytest.fixture(scope="module", autouse=True)
def the_hub_keeps_its_shape(server: Machine, door: Door) -> Iterator[None]:
    """Check after each test that the same processes run, with hardly more memory, and that the hub answers."""

    def state() -> tuple[list[str], int]:
        units = ("nginx", "jupyterhub-proxy", "jupyterhub")
        pids = [server.unit_property(f"{unit}.service", "MainPID") for unit in units]
        shown = server.succeed(f"awk '/^VmRSS/ {{ print $2 }}' /proc/{pids[2]}/status")
        return pids, int(shown) >> 10

    pids, before = state()
    yield
    same, after = state()
    assert same == pids, "a process died and came back"
    assert after - before < GROWTH_MIB, f"the hub grew from {before} to {after} MiB"
    assert door.patiently(LOGIN).status == 200


def post(door: Door, path: str, *, length: int, body: bytes = b"", more: str = "") -> Answer:
    """Send a POST with this Content-Length and this body, which may be shorter."""
    head = f"POST {path} HTTP/1.1\r\nHost: {door.address}\r\n{more}Content-Length: {length}\r\n\r\n"
    return door.send(head.encode() + body)


def get(door: Door, path: str, *lines: str) -> Answer:
    head = [f"GET {path} HTTP/1.1", f"Host: {door.address}", *lines, "Connection: close", "", ""]
    return door.send("\r\n".join(head).encode())


@pytest.mark.parametrize(
    ("what", "lines"),
    [
        ("a header of 20 KB", [f"X-Big: {'a' * 20_000}"]),
        ("5,000 header lines", [f"X-{number}: a" for number in range(5_000)]),
        ("a cookie of 64 KB", [f"Cookie: jupyterhub-hub-login={'a' * 65_000}"]),
        ("80 KB of cookies", [f"Cookie: c{number}={'a' * 4000}" for number in range(20)]),
    ],
)
def test_large_heads_are_refused(what: str, lines: list[str], door: Door, note: Note) -> None:
    assert get(door, "/hub/health", *(f"X-{n}: a" for n in range(50))).status == 200
    answer = get(door, "/hub/health", *lines)
    assert answer.status in (400, 431)
    note(f"oversized: {what}", tried="/hub/health", answer=answer, by="nginx: header buffers")


def test_long_addresses_are_refused(door: Door, note: Note) -> None:
    assert get(door, f"{LOGIN}?next=/{'a' * 4_000}").status == 200
    answers = [get(door, f"{LOGIN}?next=/{'a' * length}") for length in (20_000, 70_000)]
    assert [answer.status for answer in answers] == [414, 414]
    note(
        "oversized: an address of 70 KB", tried=LOGIN, answer=answers[1], by="nginx: header buffers"
    )


@pytest.mark.parametrize(
    ("path", "limit"), [(LOGIN, 16 << 10), ("/hub/api/users", MIB), ("/user/demo/api/x", 128 * MIB)]
)
def test_large_bodies_are_refused_unread(path: str, limit: int, door: Door, note: Note) -> None:
    assert post(door, path, length=1000, body=b"a" * 1000).status in (302, 403, 424)
    answer = post(door, path, length=limit + 1)
    assert answer.status == 413
    note(
        f"oversized: a body at {path}", tried=f"{limit + 1} B", answer=answer, by="nginx: body size"
    )


def test_a_body_without_an_end_is_cut(door: Door, note: Note) -> None:
    """The body is chunked, without a Content-Length."""
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: {door.address}\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = door.send(head.encode() + b"1000\r\n" + b"a" * 0x1000 + b"\r\n0\r\n\r\n")
    assert answer.status == 403
    answer = door.send(head.encode() + (b"1000\r\n" + b"a" * 0x1000 + b"\r\n") * 64)
    assert answer.status == 413
    note("oversized: chunks without end", tried=LOGIN, answer=answer, by="nginx: body size")


def test_a_bomb_is_not_unpacked(door: Door, note: Note) -> None:
    """15 KB would decompress to 15 MB; the fixture above checks the hub's memory."""
    bomb = gzip.compress(b"a" * 15 * MIB)
    assert len(bomb) < 16 << 10
    kind = "Content-Encoding: gzip\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    answer = post(door, LOGIN, length=len(bomb), body=bomb, more=kind)
    assert answer.status in (400, 403)
    note("gzip bomb", tried=f"{len(bomb)} B for 15 MiB", answer=answer, by="nobody unpacks it")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("2,000 parameters", b"&".join(b"a%d=" % number for number in range(2_000))),
        ("one parameter 1,600 times", b"username=&" * 1_600),
        ("a login of 15 KB", b"username=" + b"a" * 15_000 + b"&password=x"),
        ("a password of 15 KB", b"username=demo&password=" + b"a" * 15_000),
        ("percent signs", b"username=" + b"%" * 15_000),
        ("bad UTF-8", b"username=\xff\xfe&password=%ff%fe"),
    ],
)
def test_odd_forms_are_refused(
    what: str, body: bytes, site: Site, demo: Analyst, flooder: str, note: Note
) -> None:
    """The forms have a valid XSRF token, so that they reach the check of the password."""
    hub = browser(site, demo, source=flooder)
    shown = re.search(r'name="_xsrf"\s+value="([^"]+)"', hub.get(LOGIN).text)
    assert shown, "the form shows no token"
    answer = hub.http.post(
        f"{hub.url}{LOGIN}",
        data=b"_xsrf=" + quote(html.unescape(shown[1])).encode() + b"&" + body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=patience(60),
        allow_redirects=False,
    )
    assert answer.status_code in (400, 403)
    assert "invalid or expired" not in answer.text, "the token is wrong: nothing is proven"
    note(f"odd form: {what}", tried=LOGIN, answer=answer.status_code, by="the hub")


def test_deep_json_is_refused(logged_in: Analyst, door: Door, note: Note) -> None:
    """A logged-in user sends it: the hub would not read it from anybody else."""
    hub = logged_in.hub
    hub.get("/hub/home")
    more = f"Cookie: {hub.cookies_for('/hub/')}\r\nX-XSRFToken: {hub.xsrf}\r\n"
    path = f"/hub/api/users/{logged_in.login}/activity"
    fine = b'{"last_activity": "2020-01-01T00:00:00Z"}'
    assert post(door, path, length=len(fine), body=fine, more=more).status == 200
    body = b"[" * 500_000
    answer = post(door, path, length=len(body), body=body, more=more)
    assert 400 <= answer.status <= 500
    note("JSON 500,000 deep", tried=path, answer=answer, by="the hub")


def test_many_ranges_are_not_multiplied(door: Door, note: Note) -> None:
    size = len(door.ask("/style.css").body)
    assert door.ask("/style.css", headers={"Range": "bytes=0-9"}).status == 206
    answer = get(door, "/style.css", "Range: bytes=" + ",".join(["0-"] * 1300))
    assert len(answer.body) <= 2 * size
    note("1,300 overlapping ranges", tried="/style.css", answer=answer, by="nginx")


def test_a_huge_message_ends_its_own_connection_alone(
    demo: Analyst, door: Door, note: Note
) -> None:
    """A user sends 64 MiB to a kernel; the session goes on."""
    session = demo.open_session()
    try:
        assert session.value("1 + 1") == 2
        channels = f"/user/{demo.login}/api/kernels/{session.kernel.id}/channels"
        wire = websocket.create_connection(
            f"wss://{door.address}{channels}?session_id={uuid.uuid4().hex}",
            header=[f"Cookie: {demo.hub.cookies_for(channels)}"],
            sslopt={"ca_certs": str(demo.trust), "cert_reqs": ssl.CERT_REQUIRED},
            timeout=patience(60),
            http_no_proxy=["*"],
        )
        answer = "still open"
        try:
            wire.send(json.dumps({"channel": "shell", "content": "a" * (64 * MIB)}))
            wire.settimeout(60)
            while True:
                if not wire.recv():
                    answer = "closed"
                    break
        except (websocket.WebSocketException, OSError) as error:
            answer = "closed" if not isinstance(error, TimeoutError) else "still open"
        finally:
            with contextlib.suppress(OSError, websocket.WebSocketException):
                wire.close()
        assert answer == "closed"
        session.kernel.reconnect()
        assert session.value("2 + 2") == 4
    finally:
        session.kernel.close()
    note("websocket message of 64 MiB", tried="to one's own kernel", answer=answer, by="session")
