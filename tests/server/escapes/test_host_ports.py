"""Scans of the server's ports from a session: only the hub's API answers."""

import pytest

from infra.settings import layout
from tests.pace import patience
from tests.server.escapes.attack import bring, record
from tests.server.escapes.conftest import HUB, NETWORK
from tests.server.machine import Machine
from tests.smoke.session import Session

UDP = [53, 67, 68, 69, 111, 123, 137, 161, 443, 500, 514, 631, 1900, 2049, 4789, 5353, 5355, 8125]


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "network")


def test_one_tcp_port_of_the_bridge_answers(attacker: Session, server: Machine) -> None:
    assert server.reads_at(HUB[0], 22), "SSH does not listen on the bridge: nothing is proven"
    # On a busy machine a scan may miss late answers: it counts only if it finds the hub's API.
    found: list[int] = []
    for wait_s in (1, patience(1), patience(2)):
        scan = f"scan({HUB[0]!r}, range(1, 65536), timeout={wait_s}, at_once=4096)"
        if found := attacker.value(scan, timeout_s=300):
            break
    assert found == [HUB[1]]
    record(
        "each TCP port of the server, from the bridge",
        tried=f"65,535 ports of {HUB[0]}",
        answer=f"{found[0]} alone (the hub's API)",
        stopped_by="nftables input",
    )


def test_no_tcp_port_of_its_other_addresses_answers(
    attacker: Session, server: Machine, addresses: dict[str, str]
) -> None:
    shown = server.succeed("ss --tcp --listening --numeric --no-header | awk '{print $4}'")
    ports = {int(row.rpartition(":")[2]) for row in shown.splitlines()} | set(range(1, 1025))
    assert server.reads_at(addresses["outer"], 443)
    places = [
        addresses["outer"],
        addresses["docker"],
        "127.0.0.1",
        str(NETWORK.addresses.broadcast_address),
    ]
    answers = {
        host: attacker.value(f"scan({host!r}, {sorted(ports)!r}, timeout=1)", timeout_s=120)
        for host in places
    }
    # The loopback address is the session itself.
    assert not {
        host: found
        for host, found in answers.items()
        if set(found)
        & {22, 80, 443, layout.PROXY_PORT, layout.PROXY_API_PORT, layout.SESSIONS_API_PORT}
    }
    assert (answers[addresses["outer"]], answers[addresses["docker"]]) == ([], [])
    record(
        "the server's ports by its other addresses",
        tried=f"{len(ports)} TCP ports, all that listen among them, of its outer address and of {layout.DOCKER_BRIDGE}",
        answer="0 answer",
        stopped_by="no route; nftables input",
    )


def test_no_udp_port_answers(attacker: Session, server: Machine) -> None:
    """The ports are those of an echo service, which the server itself reaches, and of services that leak or amplify."""
    echo = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 7777));\n"
        "while True: s.sendto(*s.recvfrom(99))"
    )
    server.succeed(f'systemd-run --quiet --collect --unit=test-echo python3 -c "{echo}"')
    try:
        ask = (
            f'timeout 2 python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); '
            f"s.settimeout(1); s.sendto(b'?', ('{HUB[0]}', 7777)); s.recv(9)\""
        )
        server.wait_until_succeeds(ask, timeout_s=20)
        answers = attacker.value(f"ask_all({HUB[0]!r}, {[7777, *UDP]!r})", timeout_s=60)
    finally:
        server.execute("systemctl stop test-echo")
    assert "answered" not in answers.values(), answers
    record(
        "UDP ports of the server",
        tried=f"{len(UDP)} services' ports and an echo that answers the server itself",
        answer=", ".join(sorted(set(answers.values()))),
        stopped_by="nftables input",
    )
