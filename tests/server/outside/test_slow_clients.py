"""Slow, silent and flooding clients: their connections are closed, and others are served meanwhile."""

import contextlib
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.machine import Machine
from tests.server.outside import h2
from tests.server.outside.conftest import Note
from tests.server.outside.door import Door, read_answer
from tests.server.outside.strangers import Ipv6

# The limits of nginx.conf and rules.nft.
HEAD_S, BODY_S = 15, 30
AT_ONCE = 600
FLOOD = 280
PATIENCE_S = 4 * BODY_S


def is_closed(wire: socket.socket) -> bool:
    """Whether the server has closed the connection, without waiting; pending data are discarded."""
    wire.settimeout(0.01)
    try:
        while wire.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def served(door: Door) -> bool:
    return door.patiently("/hub/login").status == 200


def test_slow_clients_are_cut_and_others_served(door: Door, flooder: str, note: Note) -> None:
    """In parallel, one client sends nothing, one a letter a second, one half a body, and one a normal request."""
    slow = door.as_seen_from(flooder)
    with ExitStack() as ends:
        wires = {
            "no TLS hello": socket.create_connection(
                (door.address, 443), source_address=(flooder, 0)
            ),
            **{name: slow.connect() for name in ("no request", "a letter a second", "half a body")},
            "half a request on port 80": slow.connect(port=80),
        }
        for wire in wires.values():
            ends.callback(wire.close)
        honest = ends.enter_context(contextlib.closing(slow.connect()))
        wires["half a request on port 80"].sendall(b"GET / HTTP/1.1\r\nHost: ")
        wires["half a body"].sendall(
            f"POST /hub/login HTTP/1.1\r\nHost: {door.address}\r\nContent-Length: 100\r\n\r\na".encode()
        )
        head = iter(f"GET / HTTP/1.1\r\nHost: {door.address}\r\nX: {'a' * 10_000}".encode())
        assert not [name for name, wire in wires.items() if is_closed(wire)], "cut before its time"
        started = time.monotonic()
        closed: dict[str, float] = {}
        while len(closed) < len(wires):
            assert time.monotonic() - started < patience(PATIENCE_S), (
                f"still open: {set(wires) - set(closed)}"
            )
            for name, wire in wires.items():
                if name not in closed and is_closed(wire):
                    closed[name] = time.monotonic() - started
            with contextlib.suppress(OSError):
                wires["a letter a second"].settimeout(5)
                wires["a letter a second"].sendall(bytes([next(head)]))
            if time.monotonic() - started < HEAD_S / 2:
                # The normal client sends another request on the same connection.
                honest.sendall(f"GET / HTTP/1.1\r\nHost: {door.address}\r\n\r\n".encode())
                honest.settimeout(30)
                assert read_answer(honest).status == 200
            assert served(door)
            time.sleep(1)
    for name, seconds in closed.items():
        note(
            f"slow client: {name}",
            tried="1",
            answer=f"cut after {seconds:.0f} s",
            by="nginx: timeouts",
        )


@pytest.fixture(params=["IPv4", "IPv6"])
def crowd(
    request: pytest.FixtureRequest, door: Door, connector: str, six: Ipv6
) -> Iterator[list[socket.socket]]:
    """Open more silent connections than one client may have; with IPv6, from two addresses of one network."""
    by_six = request.param == "IPv6"
    sources = six.neighbours if by_six else (connector,)
    address = six.server if by_six else door.address
    with ExitStack() as ends:
        opened: list[socket.socket] = []
        for number in range(AT_ONCE + 50):
            source = sources[number % len(sources)]
            try:
                wire = socket.create_connection((address, 443), 3, source_address=(source, 0))
            except OSError:
                continue
            ends.callback(wire.close)
            opened.append(wire)
        yield opened


def test_one_client_does_not_take_every_connection(
    crowd: list[socket.socket],
    request: pytest.FixtureRequest,
    door: Door,
    server: Machine,
    note: Note,
) -> None:
    assert len(crowd) >= AT_ONCE // 2, "an office must be able to open that many"
    assert len(crowd) <= AT_ONCE + 5, f"{len(crowd)} connections from one client"
    assert served(door), "another client finds the door closed"
    workers = server.succeed(f"pgrep --count --parent $(cat {layout.NGINX_PID})")
    limit = server.succeed(
        f"awk '/open files/ {{ print $4 }}' /proc/$(cat {layout.NGINX_PID})/limits"
    )
    assert int(workers) * int(limit) > 10 * AT_ONCE, "a dozen clients would fill nginx"
    note(
        f"silent connections, {request.node.callspec.params['crowd']}",
        tried=str(AT_ONCE + 50),
        answer=f"{len(crowd)} open, others served",
        by="nftables: ct count",
    )


def test_streams_taken_back_at_once_end_the_connection(
    door: Door, flooder: str, server: Machine, note: Note
) -> None:
    """HTTP/2 rapid reset: the client sends thousands of requests and resets them at once."""
    slow = door.as_seen_from(flooder)
    with h2.connect(slow) as wire:
        wire.sendall(h2.request(1, host=door.address))
        found = h2.frames(wire, until=h2.HEADERS)
        assert found[-1][0] == h2.HEADERS, "one request alone gets no answer: nothing is proven"
        assert h2.setting(found, h2.MAX_CONCURRENT_STREAMS) <= 64
    count = 5_000
    with h2.connect(slow) as wire:
        flood = b"".join(
            h2.request(stream, host=door.address) + h2.take_back(stream)
            for stream in range(1, 2 * count, 2)
        )
        with contextlib.suppress(OSError):
            wire.sendall(flood)
        wire.settimeout(30)
        found = h2.frames(wire, until=h2.GOAWAY)
        ended = bool(found) and found[-1][0] == h2.GOAWAY
        assert ended or is_closed(wire), "the connection goes on"
        answered = sum(kind == h2.HEADERS for kind, *_ in found)
        assert answered < count / 2
    assert served(door)
    note(
        "HTTP/2 rapid reset",
        tried=f"{count} streams",
        answer=f"connection ended, {answered} answered",
        by="nginx: http2_max_concurrent_streams",
    )


def test_a_flood_of_requests_is_slowed_for_its_client_alone(
    site: Site, door: Door, flooder: str, note: Note
) -> None:
    slow = door.as_seen_from(flooder)
    line = f"GET /hub/health HTTP/1.1\r\nHost: {door.address}\r\n\r\n".encode()
    with ExitStack() as stack:
        # In parallel, since a busy server answers sequential requests below the rate limit.
        wires = [stack.enter_context(slow.connect()) for _ in range(FLOOD)]
        for wire in wires:
            wire.sendall(line)
        answers = [read_answer(wire).status for wire in wires]
    assert answers[0] == 200
    assert 429 in answers, "nothing slows it"
    assert answers.count(200) >= 200, "an office must be able to ask that much"
    assert door.ask("/hub/health").status == 200
    note(
        "flood of requests",
        tried=f"{len(answers)} at once",
        answer=f"{answers.count(200)} answered, then 429",
        by="nginx: limit_req per client",
    )
