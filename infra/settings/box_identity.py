"""Names, addresses and folders of a box, derived from the checkout and the purpose, so that several boxes can run at once."""

import hashlib
import os
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
OPERATOR = "ops"

# RFC 2544 reserves it for benchmarks: no public network routes it.
ADDRESSES = IPv4Network("198.18.0.0/15")


def state_home() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "openchronic-server"


def cache_home() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "openchronic-server"


@dataclass(frozen=True)
class BoxIdentity:
    """The names, addresses and folder of one box. Interface names have at most the kernel's 15 characters."""

    purpose: str
    name: str
    address: str
    """IPv4 address of the box, which a browser opens."""
    outer_address: str
    """IPv4 address of the operator's machine on the link to the box."""
    state: Path

    @property
    def netns(self) -> str:
        return self.name

    @property
    def link(self) -> str:
        return f"ve-{self.name[-11:]}"

    @property
    def root(self) -> Path:
        return self.state / "root"

    @property
    def key(self) -> Path:
        return self.state / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        return self.state / "known_hosts"

    @property
    def console_log(self) -> Path:
        return self.state / "console.log"


def box_identity(purpose: str | None = None, *, checkout: Path = CHECKOUT) -> BoxIdentity:
    """Return the identity of this checkout's box for a purpose (default: $BOX, or `demo`).

    Raises ValueError when the purpose is not 1 to 6 lower-case letters or digits.
    """
    purpose = purpose or os.environ.get("BOX") or "demo"
    if not (purpose.isalnum() and purpose.islower() and len(purpose) <= 6):
        raise ValueError(f"BOX={purpose}: a purpose is at most 6 lower-case letters or digits")
    digest = hashlib.sha256(f"{checkout}\0{purpose}".encode()).digest()
    tag = hashlib.sha256(str(checkout).encode()).hexdigest()[:4]
    links = ADDRESSES.num_addresses // 4
    first = int(ADDRESSES.network_address) + 4 * (int.from_bytes(digest[:4]) % links)
    name = f"oc-{tag}-{purpose}"
    return BoxIdentity(
        purpose=purpose,
        name=name,
        address=str(IPv4Address(first + 2)),
        outer_address=str(IPv4Address(first + 1)),
        state=state_home() / f"box-{tag}-{purpose}",
    )
