"""The network of the sessions: its addresses as each component needs them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from infra.settings import layout

# The network's own address, the gateway's, the broadcast address.
NOT_FOR_SESSIONS = 3


@dataclass(frozen=True)
class SessionsNetwork:
    text: str

    @property
    def addresses(self) -> ipaddress.IPv4Network:
        return ipaddress.IPv4Network(self.text)

    @property
    def gateway(self) -> ipaddress.IPv4Address:
        """The server itself, as sessions see it."""
        return self.addresses[1]

    @property
    def hub_url(self) -> str:
        """Where sessions reach the hub's API."""
        return f"http://{self.gateway}:{layout.SESSIONS_API_PORT}"

    @property
    def places(self) -> int:
        """Sessions that fit at once."""
        return self.addresses.num_addresses - NOT_FOR_SESSIONS
