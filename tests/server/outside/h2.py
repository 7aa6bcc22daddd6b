"""HTTP/2 by hand: as few frames as it takes to open many streams and take them back at once."""

import socket
import struct

from tests.server.outside.door import Door

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, GOAWAY = 1, 3, 4, 7
END_STREAM, END_HEADERS = 1, 4
MAX_CONCURRENT_STREAMS = 3
CANCEL = struct.pack("!I", 8)

Frame = tuple[int, int, int, bytes]


def connect(door: Door) -> socket.socket:
    wire = door.connect(alpn="h2")
    wire.sendall(PREFACE + frame(SETTINGS, 0, 0, b""))
    return wire


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack("!BBI", kind, flags, stream) + payload


def request(stream: int, *, host: str) -> bytes:
    """GET / in HPACK's static table; the host as a literal."""
    name = host.encode()
    block = b"\x82\x87\x84\x41" + bytes([len(name)]) + name
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, block)


def take_back(stream: int) -> bytes:
    return frame(RST_STREAM, 0, stream, CANCEL)


def frames(wire: socket.socket, *, until: int = -1) -> list[Frame]:
    """What comes until the server closes, is silent, or sends a frame of a kind."""
    found: list[Frame] = []
    buffer = b""
    try:
        while True:
            while len(buffer) >= 9 and len(buffer) >= 9 + int.from_bytes(buffer[:3], "big"):
                length = int.from_bytes(buffer[:3], "big")
                kind, flags, stream = struct.unpack("!BBI", buffer[3:9])
                found.append((kind, flags, stream & 0x7FFFFFFF, buffer[9 : 9 + length]))
                buffer = buffer[9 + length :]
                if kind == until:
                    return found
            if not (more := wire.recv(65536)):
                return found
            buffer += more
    except OSError:
        return found


def setting(found: list[Frame], number: int) -> int:
    for kind, _, _, payload in found:
        if kind == SETTINGS:
            for place in range(0, len(payload), 6):
                name, value = struct.unpack("!HI", payload[place : place + 6])
                if name == number:
                    return int(value)
    raise AssertionError(f"the server sets no {number}")
