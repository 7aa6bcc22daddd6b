"""Attacks on other sessions: on the network, in memory, through the hub."""

import time

import pytest

from infra.settings import layout
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.escapes.attack import bring, record
from tests.server.escapes.conftest import NETWORK, address_of
from tests.server.machine import Machine
from tests.smoke.session import Session

PORT, GROUP = 5007, "224.1.1.1"


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session, victim: Session) -> None:
    for session in (attacker, victim):
        bring(session, "network")
        bring(session, "calls")


@pytest.fixture(scope="module")
def theirs(server: Machine, alix: Analyst, victim: Session) -> str:
    """Give the address of alix's session, after checking that her server listens."""
    address = address_of(server, alix)
    assert server.reads_at(address, layout.SESSION_PORT), (
        "alix's server does not listen: nothing is proven"
    )
    return address


def test_another_session_has_no_port(
    attacker: Session, victim: Session, theirs: str, image: str
) -> None:
    """All ports are scanned, while a program of alix's listens besides her server."""
    victim.run("door = socket.create_server(('0.0.0.0', 9001))")
    assert victim.value(f"reach({theirs!r}, 9001)") == "open"
    own = attacker.value("own_address()")
    assert attacker.value(f"scan({own!r}, range(8880, 8890))") == [layout.SESSION_PORT]
    found = attacker.value(
        f"scan({theirs!r}, [{layout.SESSION_PORT}, 9001, *range(1, 1025)])", timeout_s=120
    )
    assert found == []
    record(
        "another session by address",
        image=image,
        tried="TCP to 1,026 ports, two of which listen",
        answer=f"{len(found)} answer",
        stopped_by="nftables (bridge), Docker's icc=false",
    )


def test_another_sessions_dask_has_no_port(attacker: Session, victim: Session, theirs: str) -> None:
    """Whoever reaches a scheduler or its page could run code, or read what is computed."""
    victim.run("import openchronic as oc; cluster = oc.dask_cluster()", timeout_s=300)
    try:
        ports = victim.value(
            "[int(cluster.scheduler_address.rpartition(':')[2]), int(cluster.dashboard_link.split('/')[-2])]"
        )
        assert [victim.reach("127.0.0.1", port) for port in ports] == ["open", "open"]
        found = attacker.value(f"scan({theirs!r}, {ports!r})")
        own = victim.value(f"[reach({theirs!r}, port) for port in {ports!r}]")
    finally:
        victim.run("cluster.close()", timeout_s=120)
    assert found == []
    # Not even at the session's own address on the network.
    assert "open" not in own
    record(
        "another session's Dask",
        tried="its scheduler and its page, open in the session itself",
        answer=f"{len(found)} answer",
        stopped_by="they listen on the session's own loopback; nftables (bridge), Docker's icc=false",
    )


def test_another_session_by_name_is_but_an_address(
    attacker: Session, alix: Analyst, theirs: str
) -> None:
    """Docker resolves the names of containers on the network: this shows who has a session, and nothing more."""
    found = {
        name: attacker.look_up(name) for name in (alix.container, f"{alix.container}.sessions")
    }
    answers = {
        attacker.reach(address, layout.SESSION_PORT)
        for address in found.values()
        if address != "no address"
    }
    assert attacker.reach(attacker.value("own_address()"), layout.SESSION_PORT) == "open"
    assert "open" not in answers
    record(
        "another session by name",
        tried=f"{alix.container}, then port {layout.SESSION_PORT}",
        answer=f"name: {'told' if theirs in found.values() else 'not told'}; port: {', '.join(sorted(answers)) or 'not tried'}",
        stopped_by="nftables (bridge); the name itself is not hidden",
    )


def test_no_whisper_by_multicast_or_broadcast(
    attacker: Session, victim: Session, theirs: str
) -> None:
    victim.run(f"listen({PORT}, {GROUP!r})")
    assert victim.value(f"say({GROUP!r}, {PORT})") == "sent"
    _wait_until(victim, f"heard == [{GROUP!r}]")
    said = [GROUP, "255.255.255.255", str(NETWORK.addresses.broadcast_address), theirs]
    assert [attacker.value(f"say({host!r}, {PORT})") for host in said] == ["sent"] * len(said)
    time.sleep(1)
    assert victim.value("heard") == [GROUP]
    record(
        "another session by multicast, broadcast, UDP",
        tried=", ".join(said[:3]) + " and her address; she listens",
        answer="sent, heard 0 times",
        stopped_by="nftables (bridge)",
    )


def test_no_memory_and_no_process_is_shared(attacker: Session, victim: Session) -> None:
    """Abstract sockets, shared memory, message queues and processes are visible in their own session only."""
    victim.run(
        "door2 = socket.socket(socket.AF_UNIX); door2.bind(b'\\0meeting'); door2.listen()\n"
        "open('/dev/shm/meeting', 'w').write('x'); os.makedirs('/tmp/meeting', exist_ok=True)\n"
        "marked = subprocess.Popen(['sleep', '8641.0543'])"
    )
    seen = (
        "[attempt(socket.socket(socket.AF_UNIX).connect, b'\\0meeting'), os.path.exists('/dev/shm/meeting'),"
        " os.path.exists('/tmp/meeting'), b'8641.0543' in b''.join(open(f'/proc/{p}/cmdline', 'rb').read()"
        " for p in os.listdir('/proc') if p.isdigit() and os.path.exists(f'/proc/{p}/cmdline'))]"
    )
    try:
        assert victim.value(seen) == ["ok", True, True, True]
        found = attacker.value(seen)
    finally:
        victim.run("marked.kill(); door2.close(); os.unlink('/dev/shm/meeting')")
    assert found == ["ECONNREFUSED", False, False, False]
    record(
        "another session's memory and processes",
        tried="abstract socket, /dev/shm, /tmp, /proc",
        answer="ECONNREFUSED, absent, absent, absent",
        stopped_by="namespaces of its own",
    )


def test_another_session_is_closed_through_the_hub(
    demo: Analyst, alix: Analyst, attacker: Session, victim: Session
) -> None:
    """With a cookie, a token or a websocket, the other's server is refused, and one's own answers."""
    assert demo.hub.get("/user/demo/api/contents").status_code == 200
    stolen = attacker.value("os.environ['JUPYTERHUB_API_TOKEN']")
    token = {"Authorization": f"token {stolen}"}
    answers = {
        demo.hub.get("/user/alix/api/contents", headers=token).status_code,
        demo.hub.get("/user/alix/api/contents").status_code,
        demo.hub.get("/user/alix/lab").status_code,
        demo.hub.get("/user/alix/files/onboarding/charte.md").status_code,
        demo.hub.get("/user/alix/api/kernels", headers={"Authorization": "token "}).status_code,
        demo.hub.get(f"/user/alix/api/contents?token={stolen}").status_code,
    }
    assert answers <= {403, 404}, answers
    record(
        "another session through the hub",
        tried="6 requests to /user/alix/ with demo's cookies and the token of demo's session",
        answer=", ".join(map(str, sorted(answers))),
        stopped_by="the gate's cookie; scopes of the hub",
    )


def _wait_until(session: Session, condition: str, *, patience_s: float = 10) -> None:
    deadline = time.monotonic() + patience(patience_s)
    while not session.value(condition):
        assert time.monotonic() < deadline, f"never: {condition}"
        time.sleep(0.2)
