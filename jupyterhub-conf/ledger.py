"""Reads from Docker what the running sessions hold. No other record of it exists that could be lost or become wrong."""

import datetime
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import NotFound
from projects import VARIABLE

# For one answer of Docker.
ANSWER_S = 10
AT_ONCE = 8
# One that is made and not started within this time was left by a hub that was killed in between.
STARTS_WITHIN = datetime.timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A session's container and what is promised to it, in bytes and devices."""

    container: str
    user: str
    project: str
    memory: int
    gpus: tuple[str, ...]
    since: datetime.datetime


@dataclass(frozen=True)
class Ledger:
    """All that is promised to sessions, and the server's memory in bytes."""

    holdings: tuple[Holding, ...]
    total: int

    @property
    def memory(self) -> int:
        return sum(one.memory for one in self.holdings)

    @property
    def gpus(self) -> frozenset[str]:
        return frozenset(gpu for one in self.holdings for gpu in one.gpus)


def read(*, network: str, client: Callable[[], Any] | None = None) -> Ledger:
    """Return what the containers hold: sessions, and whoever else was given a card. Raises DockerException and RequestException."""
    api = (client or _client)()
    now = datetime.datetime.now(datetime.UTC)

    def one(container: Mapping[str, Any]) -> Holding | None:
        try:
            return held(api.inspect_container(container["Id"]), network=network, now=now)
        except NotFound:
            return None

    try:
        found = api.containers(
            all=True, filters={"status": ["created", "running", "paused", "restarting"]}
        )
        with ThreadPoolExecutor(AT_ONCE) as pool:
            holdings = tuple(filter(None, pool.map(one, found)))
        return Ledger(holdings, int(api.info()["MemTotal"]))
    finally:
        api.close()


def held(told: Mapping[str, Any], *, network: str, now: datetime.datetime) -> Holding | None:
    """Return what a container (Docker's description of it) holds; None if that is nothing, or it will not run any more. One
    that is no session takes no memory from sessions, but may have a card."""
    host, state = told["HostConfig"], told["State"]
    since = datetime.datetime.fromisoformat(told["Created"])
    is_session = host["NetworkMode"] == network
    if not is_session and not devices(host):
        return None
    if state["Status"] == "created" and now - since > STARTS_WITHIN:
        return None
    return Holding(
        container=told["Name"].removeprefix("/"),
        user=told["Config"]["User"],
        project=_variable(told, VARIABLE),
        memory=int(host["Memory"]) if is_session else 0,
        gpus=devices(host),
        since=since,
    )


def devices(host: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the devices that a container was given, by their names in the CDI."""
    asked = host.get("DeviceRequests") or ()
    return tuple(name for one in asked for name in one.get("DeviceIDs") or ())


def _variable(told: Mapping[str, Any], name: str) -> str:
    prefix = f"{name}="
    found = (line for line in told["Config"]["Env"] or () if line.startswith(prefix))
    return next(found, "").removeprefix(prefix)


def _client() -> Any:
    return docker.APIClient(version="auto", timeout=ANSWER_S)
