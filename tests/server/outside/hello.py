"""Sends a hand-made TLS ClientHello, with old versions and weak suites that no library offers any more."""

import os
import socket
import struct
from dataclasses import dataclass

SSL3, TLS10, TLS11, TLS12 = 0x0300, 0x0301, 0x0302, 0x0303

GOOD = {"ECDHE-ECDSA-AES256-GCM-SHA384": 0xC02C, "ECDHE-RSA-AES256-GCM-SHA384": 0xC030}
# Cipher suites by their weakness, with IANA's numbers.
WEAK: dict[str, dict[str, int]] = {
    "no encryption": {"RSA-NULL-SHA": 0x0002, "ECDHE-ECDSA-NULL-SHA": 0xC006},
    "no authentication": {"ADH-AES128-SHA": 0x0034, "AECDH-AES128-SHA": 0xC018},
    "export": {"EXP-RC4-MD5": 0x0003, "EXP-DES-CBC-SHA": 0x0008},
    "RC4": {"RC4-SHA": 0x0005, "ECDHE-ECDSA-RC4-SHA": 0xC007, "ECDHE-RSA-RC4-SHA": 0xC011},
    "3DES": {"DES-CBC3-SHA": 0x000A, "ECDHE-RSA-DES-CBC3-SHA": 0xC012},
    "no forward secrecy": {"AES128-SHA": 0x002F, "AES128-GCM-SHA256": 0x009C},
    "CBC": {"ECDHE-ECDSA-AES128-SHA": 0xC009, "ECDHE-RSA-AES128-SHA256": 0xC027},
    "DHE": {"DHE-RSA-AES128-GCM-SHA256": 0x009E},
}


@dataclass(frozen=True)
class Reply:
    """The version, suite and compression of a ServerHello, or the alert of a refusal."""

    version: int = 0
    suite: int = 0
    compression: int = 0
    alert: int = -1

    @property
    def accepted(self) -> bool:
        return self.version != 0

    def __str__(self) -> str:
        names = {-1: "closed", 40: "handshake failure", 70: "protocol version"}
        if self.accepted:
            return f"accepted {self.suite:#06x}"
        return names.get(self.alert, f"alert {self.alert}")


def say_hello(
    address: tuple[str, int],
    *,
    version: int,
    suites: list[int],
    compressions: bytes = b"\0",
    signatures: tuple[int, ...] = (0x0403, 0x0804, 0x0401, 0x0503, 0x0203, 0x0201),
) -> Reply:
    with socket.create_connection(address, timeout=15) as wire:
        wire.sendall(_client_hello(version, suites, compressions, signatures))
        return _read(wire)


def _client_hello(
    version: int, suites: list[int], compressions: bytes, signatures: tuple[int, ...]
) -> bytes:
    body = struct.pack("!H", version) + os.urandom(32) + b"\0"
    body += struct.pack("!H", 2 * len(suites)) + b"".join(struct.pack("!H", s) for s in suites)
    body += bytes([len(compressions)]) + compressions
    if version > SSL3:
        algorithms = b"".join(struct.pack("!H", value) for value in signatures)
        body += _vector(
            _extension(10, _vector(struct.pack("!HHH", 0x001D, 0x0017, 0x0018)))
            + _extension(11, b"\x01\x00")
            + _extension(13, _vector(algorithms))
        )
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return struct.pack("!BHH", 22, min(version, TLS10), len(handshake)) + handshake


def _extension(kind: int, content: bytes) -> bytes:
    return struct.pack("!H", kind) + _vector(content)


def _vector(content: bytes) -> bytes:
    return struct.pack("!H", len(content)) + content


def _read(wire: socket.socket) -> Reply:
    head = _exactly(wire, 5)
    body = _exactly(wire, int.from_bytes(head[3:5], "big")) if len(head) == 5 else b""
    if head[:1] == b"\x15" and len(body) == 2:
        return Reply(alert=body[1])
    if head[:1] != b"\x16" or body[:1] != b"\x02":
        return Reply()
    version = int.from_bytes(body[4:6], "big")
    after_session = 39 + body[38]
    suite = int.from_bytes(body[after_session : after_session + 2], "big")
    return Reply(version, suite, body[after_session + 2])


def _exactly(wire: socket.socket, count: int) -> bytes:
    found = b""
    try:
        while len(found) < count and (more := wire.recv(count - len(found))):
            found += more
    except (ConnectionError, TimeoutError):
        return b""
    return found
