"""Where the name of a site leads to that no DNS knows: to a port of a node, by which a cluster is tried."""

import socket
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from infra.cluster.reaching import Cluster
from tests.smoke.given import Given

HTTPS = 443


@dataclass(frozen=True)
class Doorway:
    host: str
    address: str
    port: int

    @classmethod
    def of(cls, cluster: Cluster) -> Self | None:
        """Return the doorway of a site whose web server has a port of every node; None where there is another way in."""
        web = cluster.site.cluster.web
        if web.exposure != "node-port" or web.node_port is None:
            return None
        server = cluster.kubectl("config", "view", "--minify", "--output=jsonpath={.clusters[0].cluster.server}")  # fmt: skip
        return cls(web.host, urlsplit(server).hostname or "", web.node_port)

    @classmethod
    def read(cls, text: str) -> Self:
        host, address, port = text.split()
        return cls(host, address, int(port))

    def __str__(self) -> str:
        return f"{self.host} {self.address} {self.port}"

    @property
    def flag(self) -> str:
        """Chromium's flag that goes through it."""
        return f"--host-resolver-rules=MAP {self.host}:{HTTPS} {self.address}:{self.port}"

    def look_up(self, known: Any) -> Any:
        """Return what finds addresses, as `socket.getaddrinfo` does, which is `known`."""

        def look_up(host: Any, service: Any, *more: Any, **named: Any) -> Any:
            if host == self.host and service == HTTPS:
                return known(self.address, self.port, *more, **named)
            return known(host, service, *more, **named)

        return look_up

    def open(self) -> None:
        """Let this process find the site by it."""
        socket.getaddrinfo = self.look_up(socket.getaddrinfo)


def way_to(given: Given) -> tuple[str, ...]:
    """Return the flags of a browser that finds the site."""
    return (Doorway.read(given.doorway).flag,) if given.doorway else ()
