"""Computes the addresses of the sessions' network: gateway, hub's URL, number of sessions."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from infra.settings import layout

# The addresses of the network, the gateway and the broadcast.
NOT_FOR_SESSIONS = 3


@dataclass(frozen=True)
class SessionsNetwork:
    text: str

    @property
    def addresses(self) -> ipaddress.IPv4Network:
        return ipaddress.IPv4Network(self.text)

    @property
    def gateway(self) -> ipaddress.IPv4Address:
        """The server's address in the sessions' network."""
        return self.addresses[1]

    @property
    def hub_url(self) -> str:
        """The URL at which sessions reach the hub's API."""
        return f"http://{self.gateway}:{layout.SESSIONS_API_PORT}"

    @property
    def places(self) -> int:
        """The greatest number of sessions at once."""
        return self.addresses.num_addresses - NOT_FOR_SESSIONS
