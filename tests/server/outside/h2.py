"""A minimal HTTP/2 client: opens many streams and resets them at once, or sends exact paths."""

import socket
import struct

from tests.server.outside.door import Door

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 1, 3, 4, 7, 8
END_STREAM, END_HEADERS = 1, 4
MAX_CONCURRENT_STREAMS = 3
CANCEL = struct.pack("!I", 8)

Frame = tuple[int, int, int, bytes]


def connect(door: Door) -> socket.socket:
    wire = door.connect(alpn="h2")
    # The pages of many answers are more than the window that a connection begins with.
    larger = frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", 1 << 24))
    wire.sendall(PREFACE + frame(SETTINGS, 0, 0, b"") + larger)
    return wire


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack("!BBI", kind, flags, stream) + payload


def request(stream: int, *, host: str) -> bytes:
    """Return the frame of a request `GET /` for a host."""
    name = host.encode()
    block = b"\x82\x87\x84\x41" + bytes([len(name)]) + name
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, block)


def ask(wire: socket.socket, stream: int, path: str, *, host: str, cookie: str = "") -> int:
    """Send a GET with exactly this path; return the status, or 0 if the server resets the stream or closes."""
    block = b"\x82\x87" + _literal(4, path.encode("latin-1")) + _literal(1, host.encode())
    if cookie:
        block += _literal(32, cookie.encode())
    wire.sendall(frame(HEADERS, END_HEADERS | END_STREAM, stream, block))
    status, buffer = 0, b""
    while True:
        while len(buffer) >= 9 and len(buffer) >= 9 + int.from_bytes(buffer[:3], "big"):
            length = int.from_bytes(buffer[:3], "big")
            kind, flags, number = struct.unpack("!BBI", buffer[3:9])
            payload, buffer = buffer[9 : 9 + length], buffer[9 + length :]
            if kind == GOAWAY:
                return 0
            if number & 0x7FFFFFFF != stream:
                continue
            if kind == RST_STREAM:
                return 0
            if kind == HEADERS:
                status = _status(payload)
            if flags & END_STREAM:
                return status
        if not (more := wire.recv(65536)):
            return 0
        buffer += more


def _literal(index: int, value: bytes) -> bytes:
    """Return an HPACK header field, never indexed, with a name of the static table and a literal value."""
    name = bytes([index]) if index < 15 else bytes([15, index - 15])
    length = bytes([len(value)]) if len(value) < 127 else b"\x7f" + _varint(len(value) - 127)
    return name + length + value


def _varint(number: int) -> bytes:
    found = b""
    while number >= 128:
        found += bytes([number % 128 + 128])
        number //= 128
    return found + bytes([number])


def _status(block: bytes) -> int:
    """Return the status in the first header field of an answer."""
    static = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
    if block[0] & 0x80:
        return static[block[0] & 0x7F]
    # nginx writes any other status as a literal of three digits, without Huffman coding.
    at = block.index(b"\x03", 1)
    return int(block[at + 1 : at + 4])


def take_back(stream: int) -> bytes:
    return frame(RST_STREAM, 0, stream, CANCEL)


def frames(wire: socket.socket, *, until: int = -1) -> list[Frame]:
    """Return the frames until the server closes, stays silent, or sends a frame of the kind `until`."""
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
