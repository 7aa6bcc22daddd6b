"""Sends packets of many kinds, some of which need rights that no user has."""

import asyncio
import concurrent.futures
import errno
import os
import socket
import struct
import threading
from collections.abc import Iterable

heard: list[str] = []


def own_address() -> str:
    return socket.gethostbyname(socket.gethostname())


def why(error: OSError) -> str:
    return (
        "no answer"
        if isinstance(error, TimeoutError)
        else errno.errorcode.get(error.errno or 0, str(error))
    )


def ask(host: str, port: int, question: bytes = b"?", timeout: float = 2) -> str:
    """Send a datagram and return what comes back."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as datagram:
        datagram.settimeout(timeout)
        try:
            datagram.connect((host, port))
            datagram.send(question)
            datagram.recv(512)
        except OSError as error:
            return why(error)
    return "answered"


def ask_all(host: str, ports: list[int]) -> dict[str, str]:
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        return dict(
            zip(map(str, ports), pool.map(lambda port: ask(host, port), ports), strict=True)
        )


def reach6(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError as error:
        return why(error)
    return "open"


def ping(host: str, timeout: float = 2) -> str:
    """Send one ICMP echo request, through a socket that needs no capability."""
    request = struct.pack("!BBHHH", 8, 0, 0xF7FE, 0, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as echo:
        echo.settimeout(timeout)
        try:
            echo.sendto(request, (host, 0))
            echo.recv(64)
        except OSError as error:
            return why(error)
    return "answered"


def dns(name: str, server: str, kind: int = 1, tcp: bool = False) -> str:
    """Send a DNS query to a chosen resolver; return `answered` only if it gave a record."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    question = (
        struct.pack("!6H", os.getpid() & 0xFFFF, 0x0100, 1, 0, 0, 0)
        + labels
        + struct.pack("!BHH", 0, kind, 1)
    )
    try:
        with socket.socket(
            socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
        ) as asker:
            asker.settimeout(3)
            asker.connect((server, 53))
            asker.send(struct.pack("!H", len(question)) + question if tcp else question)
            answer = asker.recv(512)[2 if tcp else 0 :]
    except OSError as error:
        return why(error)
    if len(answer) < 12:
        return "no answer"
    refusal, records = answer[3] & 15, struct.unpack("!H", answer[6:8])[0]
    return "answered" if records else f"refused ({refusal})"


def speak_as(address: str, host: str, port: int) -> str:
    """Send a datagram with the source address of another."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        datagram.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
        try:
            datagram.bind((address, 0))
            datagram.sendto(b"?", (host, port))
        except OSError as error:
            return why(error)
    return "sent"


def listen(port: int, group: str) -> None:
    """Record the datagrams to this port: unicast, broadcast, and multicast to the group."""
    ears = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ears.bind(("", port))
    ears.setsockopt(
        socket.IPPROTO_IP,
        socket.IP_ADD_MEMBERSHIP,
        socket.inet_aton(group) + socket.inet_aton(own_address()),
    )

    def hear() -> None:
        while True:
            heard.append(ears.recv(100).decode())

    threading.Thread(target=hear, daemon=True).start()


def say(host: str, port: int) -> str:
    """Send one datagram through the session's own interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own_address()))
        mouth.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        try:
            mouth.sendto(host.encode(), (host, port))
        except OSError as error:
            return why(error)
    return "sent"


def netlink(kind: int, flags: int, payload: bytes) -> str:
    """Send a netlink request about routes or interfaces; return `ok`, or the name of the error."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.settimeout(3)
        link.send(struct.pack("=IHHII", 16 + len(payload), kind, flags, 1, 0) + payload)
        answer = link.recv(65536)
    if struct.unpack("=H", answer[4:6])[0] == 2:
        code = -struct.unpack("=i", answer[16:20])[0]
        return "ok" if code == 0 else errno.errorcode[code]
    return "ok"


def scan(host: str, ports: Iterable[int], timeout: float = 1.5, at_once: int = 512) -> list[int]:
    """Return the TCP ports that answer, among thousands."""

    async def one(port: int, turn: asyncio.Semaphore) -> int | None:
        async with turn:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout)
            except OSError:
                return None
            writer.close()
            return port

    async def every() -> list[int | None]:
        turn = asyncio.Semaphore(at_once)
        return await asyncio.gather(*(one(port, turn) for port in ports))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return sorted(port for port in pool.submit(asyncio.run, every()).result() if port)
