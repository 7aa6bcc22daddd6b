"""Hosts of their own for sessions, below the site's session domain: what makes each an origin that no other shares."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import StringConstraints

# In lower case, as browsers send it, and two labels at least: a browser takes no cookie for a whole top-level domain.
# 253 characters is the longest host name, 31 the longest login.
Domain = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        max_length=221,
    ),
]


def all_names(domain: str | None, address: str, names: Iterable[str]) -> tuple[str, ...]:
    """What the server answers to and what its certificate is for; the first is the one to show."""
    hosts = (domain, f"*.{domain}") if domain else ()
    return tuple(dict.fromkeys((*hosts, address, *names)))


def is_a_sessions(name: str, domain: str | None) -> bool:
    return domain is not None and name.lower().endswith(f".{domain}")
