"""Host names of sessions below the site's session domain, which give each session a web origin of its own."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import StringConstraints

# In lower case, as browsers send it, with at least two labels: a browser accepts no cookie for a top-level domain.
# A host name has at most 253 characters, and a login with its dot takes up to 32 of them.
Domain = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        max_length=221,
    ),
]


def all_names(domain: str | None, address: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that the server answers to and its certificate must hold; the first one is shown to users."""
    hosts = (domain, f"*.{domain}") if domain else ()
    return tuple(dict.fromkeys((*hosts, address, *names)))


def is_a_sessions(name: str, domain: str | None) -> bool:
    return domain is not None and name.lower().endswith(f".{domain}")
