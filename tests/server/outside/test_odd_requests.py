"""Requests that no browser sends: odd methods, path traversal, request smuggling, other protocols."""

import pytest

from infra.settings import layout
from tests.server.machine import Machine
from tests.server.outside.conftest import Note
from tests.server.outside.door import Door, read_answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "NONSENSE", "DELETE", "PUT"])
def test_odd_methods_are_refused(method: str, door: Door, note: Note) -> None:
    assert door.ask("/").status == 200
    for path in ("/", "/hub/login", "/hub/api/users"):
        answer = door.ask(path, method=method, headers={"X-Secret": "echo"})
        assert answer.status in (400, 403, 404, 405, 501), f"{method} {path}: {answer}"
        assert b"echo" not in answer.body
    note(f"method {method}", tried="/, /hub/login, /hub/api/users", answer="4xx", by="nginx, hub")


PATHS_OUT = (
    "/..%2fetc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/../../etc/passwd",
    "/style.css/../../../etc/passwd",
    "/style.css%00.html",
    "//etc/passwd",
    "/hub/static/..%2f..%2f..%2fjupyterhub_cookie_secret",
    "/hub/static/%2e%2e/%2e%2e/app.py",
    "/hub/..;/user/demo/",
    "/.git/config",
    "/.env",
    "/nginx.conf",
    "/site/key.pem",
    "/index.html~",
    "/server-status",
    "/nginx_status",
)


@pytest.mark.parametrize("path", PATHS_OUT)
def test_no_path_leads_out(path: str, door: Door) -> None:
    answer = door.ask(path)
    assert answer.status in (302, 400, 403, 404), answer
    assert b"root:" not in answer.body
    assert b"PRIVATE KEY" not in answer.body
    assert b"Index of" not in answer.body
    if answer.status == 302:
        assert "/hub/login" in answer.header("Location") or answer.header("Location")[0] == "/"


def test_paths_out_are_noted(door: Door, note: Note) -> None:
    assert door.ask("/style.css").status == 200
    note(
        "path traversal, dot files", tried=f"{len(PATHS_OUT)} paths", answer="4xx", by="nginx, hub"
    )


SMUGGLED = (
    ("CL and TE", b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"),
    ("two CLs", b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    ("TE twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    ("TE unknown", b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("space before colon", b"Content-Length : 5\r\n\r\nhello"),
    ("negative CL", b"Content-Length: -1\r\n\r\n"),
    ("huge chunk", b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n"),
)


@pytest.mark.parametrize(("trick", "tail"), SMUGGLED)
def test_requests_are_not_smuggled(trick: str, tail: bytes, door: Door, note: Note) -> None:
    """nginx refuses the request at once and sends no second answer on the connection."""
    head = b"POST /hub/login HTTP/1.1\r\nHost: %s\r\n" % door.address.encode()
    fine = door.send(head + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
    assert fine.status == 403, "a chunked body that is fine reaches the hub"
    with door.connect() as wire:
        wire.sendall(head + tail + b"GET /hub/health HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = read_answer(wire)
        assert answer.status in (400, 501), f"{trick}: {answer}"
        with pytest.raises((OSError, AssertionError)):
            wire.settimeout(5)
            assert wire.recv(100), "closed"
    note(f"request smuggling: {trick}", tried="POST /hub/login", answer=answer, by="nginx")


@pytest.mark.parametrize("protocol", ["h2c", "websocket, h2c", "TLS/1.0", "nonsense"])
def test_no_other_protocol_is_spoken_behind_nginx(protocol: str, door: Door, note: Note) -> None:
    upgrade = {"Upgrade": protocol, "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    head = [f"{name}: {value}" for name, value in upgrade.items()]
    lines = ["GET /hub/health HTTP/1.1", f"Host: {door.address}", *head]
    answer = door.send(
        "\r\n".join([*lines, "Connection: Upgrade, HTTP2-Settings", "", ""]).encode()
    )
    assert answer.status == 200
    note(f"upgrade to {protocol}", tried="/hub/health", answer=answer, by="nginx: websockets alone")


def test_port_80_only_leads_to_https(door: Door) -> None:
    for path in ("/", "/hub/login", "/user/demo/lab?token=x"):
        answer = door.ask(path, port=80)
        assert answer.status == 301
        assert answer.header("Location") == f"https://{door.address}{path}"
        assert not answer.every("Set-Cookie")


def test_the_files_that_nginx_serves_are_ours_alone(server: Machine, door: Door) -> None:
    for name in server.succeed(
        f"cd {layout.WEB_PAGES} && find . -type f -printf '%P\\n'"
    ).splitlines():
        answer = door.ask(f"/{name}")
        assert answer.status in (200, 404), name
        assert not answer.every("Set-Cookie"), name
