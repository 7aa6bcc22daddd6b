"""Makes addresses of this machine's end of the box's link, which are other clients for the server."""

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from infra.box.network import INNER_LINK
from infra.settings.box_identity import BoxIdentity
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.smoke.hub import Hub

# RFC 5737 reserves it for documentation: no network routes it.
FIRST = "203.0.113"


@contextmanager
def strangers(box: BoxIdentity, *, count: int) -> Iterator[tuple[str, ...]]:
    """Make addresses ours, and add routes to them in the box; both are removed at the end.

    They are routes of the link, which go with it, and no addresses: a browser that is at work here gives up what it sends
    where an address comes.
    """
    start = hashlib.sha256(box.name.encode()).digest()[0] % (250 - count) + 1
    addresses = tuple(f"{FIRST}.{start + number}" for number in range(count))
    with ExitStack() as afterwards:
        for address in addresses:
            ours = ["ip", "route", "del", "local", f"{address}/32", "dev", box.link]
            theirs = ["ip", "-n", box.netns, "route", "del", f"{address}/32"]
            for command in (ours, theirs):
                afterwards.callback(subprocess.run, command, capture_output=True, check=False)
            _run("route", "replace", "local", f"{address}/32", "dev", box.link)
            _run("-n", box.netns, "route", "replace", f"{address}/32", "dev", INNER_LINK)
        yield addresses


@dataclass(frozen=True)
class Ipv6:
    """IPv6 addresses on the link: the server's, two of ours in its network, and one of ours in a second network."""

    server: str
    neighbours: tuple[str, str]
    elsewhere: str


@contextmanager
def ipv6(box: BoxIdentity) -> Iterator[Ipv6]:
    """Add IPv6 addresses to the box's link, and remove them at the end."""
    tag = hashlib.sha256(box.name.encode()).hexdigest()[:4]
    first, second = f"fd00:{tag}:0:1", f"fd00:{tag}:0:2"
    found = Ipv6(f"{first}::2", (f"{first}::3", f"{first}:a:b:c:d"), f"{second}::3")
    there = ["-n", box.netns]
    with ExitStack() as afterwards:
        for arguments in (
            [*there, "address", "{}", f"{found.server}/64", "dev", INNER_LINK],
            [*there, "route", "{}", f"{second}::/64", "dev", INNER_LINK],
            *(["address", "{}", f"{one}/64", "dev", box.link] for one in found.neighbours),
            ["address", "{}", f"{found.elsewhere}/64", "dev", box.link],
        ):
            undo = ["ip", "-6", *(word.format("del") for word in arguments)]
            afterwards.callback(subprocess.run, undo, capture_output=True, check=False)
            # Without duplicate address detection, which takes a second.
            more = ["nodad"] if "address" in arguments else []
            _run("-6", *(word.format("replace") for word in arguments), *more)
        yield found


def _run(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


class From(HTTPAdapter):
    """Sends requests from one of our addresses."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__()

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: Any
    ) -> None:
        options["source_address"] = (self.source, 0)
        super().init_poolmanager(connections, maxsize, block, **options)


def browser(site: Site, person: Analyst, *, source: str = "") -> Hub:
    """Return a browser without cookies, at an address."""
    hub = Hub(site.url, trust=person.trust)
    if source:
        hub.http.mount("https://", From(source))
    return hub


def guess(hub: Hub, login: str, password: str, **headers: str) -> requests.Response:
    """Fill in and send the login form, and return the answer."""
    hub.http.headers.update(headers)
    return hub.submit("/hub/login", {"username": login, "password": password})
