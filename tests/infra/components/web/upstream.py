"""Servers behind the web server, whose answers name them and whose requests are recorded."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field


class Listener(socketserver.ThreadingTCPServer):
    # Python's default queue of five connections is too short on a busy machine.
    request_queue_size = 128
    daemon_threads = True


@dataclass
class Upstream:
    """A server that answers any request and records it."""

    who: str
    asked: list[str] = field(default_factory=list)
    heads: list[list[str]] = field(default_factory=list)
    """The header lines of each request."""
    pages: dict[str, str] = field(default_factory=dict)
    """The HTML to answer, by path."""
    headers: tuple[tuple[str, str], ...] = ()
    port: int = 0

    def __post_init__(self) -> None:
        upstream = self

        class Answer(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                lines: list[str] = []
                while (line := self.rfile.readline().strip()) and len(lines) < 100:
                    lines.append(line.decode("latin-1"))
                if not lines:
                    return
                path = lines[0].split()[1]
                upstream.asked.append(path)
                upstream.heads.append(lines)
                body = f"this is {upstream.who}: {path}".encode()
                if any(line.lower() == "upgrade: websocket" for line in lines):
                    head = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Who: {upstream.who}\r\n\r\n"
                    self.wfile.write(head.encode())
                    return
                kind = "text/plain"
                if path in upstream.pages:
                    kind, body = "text/html", upstream.pages[path].encode()
                more = "".join(f"{name}: {value}\r\n" for name, value in upstream.headers)
                head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                self.wfile.write(head.encode() + body)

        self.server = Listener(("127.0.0.1", 0), Answer)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
