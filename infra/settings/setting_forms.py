"""The types of a site's settings with a checked form: names, addresses, paths, networks."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=31)]
UnixName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]*$", max_length=31)]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$")]
Bastion = Annotated[
    str, StringConstraints(pattern=r"^([a-z_][a-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?$")
]
ServerPath = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$")]
CheckoutFolder = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$")
]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\n]*$")]


def _network(text: str) -> str:
    """Return a network (with its prefix length) or a single address in nftables' notation; ValueError if it is none."""
    return str(ipaddress.ip_network(text))


def _sessions_subnet(text: str) -> str:
    network = ipaddress.IPv4Network(text)
    if not network.is_private or not 16 <= network.prefixlen <= 28:
        raise ValueError("a private IPv4 network between /16 and /28 is needed")
    return str(network)


Network = Annotated[str, AfterValidator(_network)]
SessionsSubnet = Annotated[str, AfterValidator(_sessions_subnet)]
