"""Resolves a test's domain names in this process, since tests may not change the machine's /etc/hosts."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def resolving(domain: str, address: str) -> Iterator[None]:
    """Make this process resolve the domain and every name below it to one address."""
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else host
        known = isinstance(text, str) and (text == domain or text.endswith(f".{domain}"))
        return original(address if known else host, *rest, **options)

    socket.getaddrinfo = getaddrinfo
    try:
        yield
    finally:
        socket.getaddrinfo = original
