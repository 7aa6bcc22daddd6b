"""Sends raw bytes to the web server, which no HTTP library would send, and reads the answers."""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from tests.pace import patience

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    """The HTTP status; 0 when the connection was closed without an answer."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str:
        return ", ".join(self.every(name))

    def __str__(self) -> str:
        return str(self.status or "closed")


@dataclass(frozen=True)
class Door:
    address: str
    trust: Path
    source: str = ""
    """The client's address; by default the system chooses it."""
    name: str = ""
    """The server's host name; by default its address."""
    https_port: int = 443

    @property
    def host(self) -> str:
        return self.name or self.address

    def as_seen_from(self, source: str) -> Self:
        return replace(self, source=source)

    def connect(
        self, *, port: int | None = None, alpn: str = "http/1.1", patience_s: float = PATIENCE_S
    ) -> socket.socket:
        """Open a connection, with TLS except on port 80."""
        plain = socket.create_connection(
            (self.address, port or self.https_port),
            timeout=patience(patience_s),
            source_address=(self.source, 0),
        )
        if port == 80:
            return plain
        context = ssl.create_default_context(cafile=str(self.trust))
        context.set_alpn_protocols([alpn])
        try:
            return context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def send(
        self, raw: bytes, *, port: int | None = None, patience_s: float = PATIENCE_S
    ) -> Answer:
        """Send these bytes and return the first answer; the server may answer and close before it has read them all."""
        with self.connect(port=port, patience_s=patience_s) as wire:
            with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
                wire.sendall(raw)
            return read_answer(wire, to=raw[:4])

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        host: str | None = None,
        port: int | None = None,
    ) -> Answer:
        """Send a request with exactly this path, neither quoted nor normalised."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host if host is None else host}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        lines += ["Connection: close", "", ""]
        return self.send("\r\n".join(lines).encode("latin-1") + body, port=port)

    def patiently(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Repeat a request while the answer is 429 (too many requests), and return the other answer."""
        for _ in range(60):
            answer = self.ask(path, method=method, headers=headers)
            if answer.status != 429:
                return answer
            time.sleep(0.5)
        raise AssertionError(f"{method} {path} is too much for half a minute")


def read_answer(wire: socket.socket, *, to: bytes = b"GET ") -> Answer:
    answer = http.client.HTTPResponse(wire, method="HEAD" if to == b"HEAD" else "GET")
    try:
        answer.begin()
        body = answer.read()
    except (ConnectionError, ssl.SSLError, http.client.HTTPException):
        return Answer(0)
    return Answer(answer.status, tuple(answer.getheaders()), body)


def form(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a browser sends with a form, and these."""
    return {"Content-Type": "application/x-www-form-urlencoded", **fields}
