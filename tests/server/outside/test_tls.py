"""TLS: the server refuses old versions, weak suites and renegotiation, which a lenient server accepts as a control."""

import contextlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pace import patience
from tests.server.outside.conftest import Note
from tests.server.outside.door import Door
from tests.server.outside.hello import GOOD, SSL3, TLS10, TLS11, TLS12, WEAK, Reply, say_hello
from tests.server.outside.lenient import lenient_server, renegotiating_server

Address = tuple[str, int]
EVERY_SUITE = [suite for kind in WEAK.values() for suite in kind.values()]
CONFIGURED = "nginx: ssl_protocols, ssl_ciphers"


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with lenient_server(tmp_path_factory.mktemp("lenient")) as address:
        yield address


@pytest.fixture(scope="module")
def server_port(door: Door) -> Address:
    return (door.address, 443)


@pytest.mark.parametrize(
    ("name", "version"), [("SSL 3.0", SSL3), ("TLS 1.0", TLS10), ("TLS 1.1", TLS11)]
)
def test_old_versions_are_refused(
    name: str, version: int, server_port: Address, lenient: Address, note: Note
) -> None:
    suites = [*GOOD.values(), *EVERY_SUITE]
    assert say_hello(server_port, version=TLS12, suites=suites).accepted
    if version != SSL3:  # this machine's OpenSSL does not support SSL 3
        assert say_hello(lenient, version=version, suites=suites).version == version
    reply = say_hello(server_port, version=version, suites=suites)
    assert not reply.accepted
    note(f"{name} handshake", tried=f"{len(suites)} suites", answer=reply, by=CONFIGURED)


@pytest.mark.parametrize("kind", WEAK)
def test_weak_suites_are_refused(
    kind: str, server_port: Address, lenient: Address, note: Note
) -> None:
    """The server refuses them also when the client offers no other suite."""
    assert say_hello(server_port, version=TLS12, suites=list(GOOD.values())).accepted
    suites = list(WEAK[kind].values())
    reply = say_hello(server_port, version=TLS12, suites=suites)
    assert not reply.accepted
    control = say_hello(lenient, version=TLS12, suites=suites)
    known = "accepted elsewhere" if control.accepted else "known to no OpenSSL here"
    tried = f"{', '.join(WEAK[kind])} ({known})"
    note(f"weak suite: {kind}", tried=tried, answer=reply, by=CONFIGURED)


def test_the_probe_can_be_accepted(lenient: Address) -> None:
    """The lenient server accepts each weak suite that this machine's OpenSSL supports."""
    spoken = [
        kind
        for kind, suites in WEAK.items()
        if say_hello(lenient, version=TLS12, suites=list(suites.values())).accepted
    ]
    assert {"no encryption", "no authentication", "no forward secrecy", "CBC"} <= set(spoken)


def test_the_good_suites_are_accepted_and_the_servers_order_wins(server_port: Address) -> None:
    weak_first = [*EVERY_SUITE, *GOOD.values()]
    assert say_hello(server_port, version=TLS12, suites=weak_first).suite in GOOD.values()


def test_sha1_signatures_are_refused(server_port: Address, lenient: Address, note: Note) -> None:
    suites, sha1 = list(GOOD.values()), (0x0203, 0x0201)
    assert say_hello(lenient, version=TLS12, suites=suites, signatures=sha1).accepted
    reply = say_hello(server_port, version=TLS12, suites=suites, signatures=sha1)
    assert not reply.accepted
    note("SHA-1 signature", tried="TLS 1.2, SHA-1 alone", answer=reply, by="OpenSSL's level 2")


def test_tls_is_not_compressed(server_port: Address, note: Note) -> None:
    reply = say_hello(
        server_port, version=TLS12, suites=list(GOOD.values()), compressions=b"\x01\x00"
    )
    assert reply.accepted
    assert reply.compression == 0
    reply_alone = say_hello(
        server_port, version=TLS12, suites=list(GOOD.values()), compressions=b"\x01"
    )
    assert not reply_alone.accepted
    note("TLS compression (CRIME)", tried="deflate alone", answer=reply_alone, by="OpenSSL")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_good_versions_work(version: ssl.TLSVersion, door: Door) -> None:
    context = ssl.create_default_context(cafile=str(door.trust))
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection((door.address, 443), timeout=patience(15)) as plain,
        context.wrap_socket(plain, server_hostname=door.address) as wire,
    ):
        wire.sendall(f"HEAD / HTTP/1.0\r\nHost: {door.address}\r\n\r\n".encode())
        assert b" 200 " in wire.recv(100)


def test_no_ticket_outlives_forward_secrecy(door: Door, lenient: Address, note: Note) -> None:
    """Session tickets are encrypted with one key for a long time: if it is stolen, recorded connections can be read."""

    def ticket(address: Address) -> bool:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection(address, timeout=patience(15)) as plain,
            context.wrap_socket(plain) as wire,
        ):
            wire.sendall(f"HEAD / HTTP/1.0\r\nHost: {door.address}\r\n\r\n".encode())
            with contextlib.suppress(OSError):
                wire.recv(100)
            return wire.session is not None and wire.session.has_ticket

    assert ticket(lenient), "the probe sees no ticket where there is one"
    assert not ticket((door.address, 443))
    note("TLS session ticket", tried="TLS 1.2", answer="none", by="nginx: ssl_session_tickets off")


def test_clients_do_not_renegotiate(door: Door, tmp_path: Path, note: Note) -> None:
    """A renegotiation takes the server more CPU time than the client."""
    with renegotiating_server(tmp_path) as elsewhere:
        assert renegotiated(elsewhere), "the probe does not renegotiate where it may"
    assert not renegotiated((door.address, 443))
    note("TLS renegotiation", tried="TLS 1.2", answer="refused", by="nginx: NoRenegotiation")


def renegotiated(address: Address) -> bool:
    """Whether a second handshake succeeds; OpenSSL's client starts one after a line `R`."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"{address[0]}:{address[1]}", "-tls1_2", "-state"],
        input="R\nR\n",
        capture_output=True,
        text=True,
        timeout=patience(30),
        check=False,
    )
    assert "RENEGOTIATING" in done.stdout + done.stderr, done.stderr[-500:]
    after = (done.stdout + done.stderr).partition("RENEGOTIATING")[2]
    return (
        "SSLv3/TLS read finished" in done.stderr
        and "no renegotiation" not in done.stderr
        and (done.stderr.count("SSLv3/TLS read finished") > 1 or "read finished" in after)
    )


def test_plain_http_on_the_tls_port_is_refused(door: Door, note: Note) -> None:
    with socket.create_connection((door.address, 443), timeout=patience(15)) as wire:
        wire.sendall(f"GET / HTTP/1.1\r\nHost: {door.address}\r\n\r\n".encode())
        said = wire.recv(1000)
    assert b" 400 " in said.splitlines()[0]
    assert b"Big Data" not in said
    note("plain HTTP on 443", tried="GET /", answer=400, by="nginx")


def test_a_reply_says_what_it_is() -> None:
    assert str(Reply()) == "closed"
    assert str(Reply(alert=70)) == "protocol version"
