"""What sessions hold is what Docker says of their containers, whatever the hub remembers."""

import datetime
from typing import Any

import ledger
from docker.errors import NotFound

GIB = 2**30
NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)


def container(
    name: str,
    *,
    memory: int = 2 * GIB,
    status: str = "running",
    network: str = "sessions",
    gpus: tuple[str, ...] = (),
    created: str = "2026-03-02T11:00:00.123456789Z",
    user: str = "20001:20001",
) -> dict[str, Any]:
    """Return what `docker inspect` says of a container."""
    asked = [{"Driver": "cdi", "Count": 0, "DeviceIDs": list(gpus)}] if gpus else None
    return {
        "Id": name,
        "Name": f"/{name}",
        "Created": created,
        "State": {"Status": status},
        "Config": {"User": user, "Env": ["A=b", "OPENCHRONIC_PROJECT=parcours"]},
        "HostConfig": {"NetworkMode": network, "Memory": memory, "DeviceRequests": asked},
    }


class FakeDocker:
    def __init__(self, *containers: dict[str, Any], total: int = 16 * GIB) -> None:
        self.all = {one["Id"]: one for one in containers}
        self.total = total
        self.gone: set[str] = set()

    def containers(self, **asked: Any) -> list[dict[str, Any]]:
        assert asked["all"], "one that is made and not started yet has taken its share"
        wanted = asked["filters"]["status"]
        return [{"Id": name} for name, one in self.all.items() if one["State"]["Status"] in wanted]

    def inspect_container(self, name: str) -> dict[str, Any]:
        if name in self.gone:
            raise NotFound("no such container")
        return self.all[name]

    def info(self) -> dict[str, Any]:
        return {"MemTotal": self.total}

    def close(self) -> None:
        pass


def read(docker: FakeDocker) -> ledger.Ledger:
    return ledger.read(network="sessions", client=lambda: docker)


def test_what_runs_holds_its_limit_and_its_devices() -> None:
    found = read(
        FakeDocker(
            container("session-a", gpus=("nvidia.com/gpu=0", "nvidia.com/gpu=1")),
            container("session-b", memory=GIB, status="paused"),
        )
    )
    assert found.memory == 3 * GIB
    assert found.gpus == {"nvidia.com/gpu=0", "nvidia.com/gpu=1"}
    assert found.total == 16 * GIB
    first = found.holdings[0]
    assert (first.container, first.user, first.project) == (
        *("session-a", "20001:20001", "parcours"),
    )
    assert first.since.hour == 11


def test_what_has_ended_and_what_is_no_session_holds_nothing() -> None:
    docker = FakeDocker(
        container("session-a", status="exited"),
        container("session-b", status="dead"),
        container("openchronic-build", network="bridge"),
        container("session-gone"),
    )
    docker.gone.add("session-gone")
    assert read(docker).holdings == ()


def test_one_that_a_killed_hub_made_and_never_started_holds_nothing_after_a_while() -> None:
    made = container("session-a", status="created")
    soon = datetime.datetime.fromisoformat("2026-03-02T11:01:00Z")
    assert ledger.held(made, network="sessions", now=soon) is not None
    assert ledger.held(made, network="sessions", now=NOW) is None
    running = container("session-a")
    assert ledger.held(running, network="sessions", now=NOW) is not None


def test_a_container_without_devices_holds_none() -> None:
    assert ledger.devices({}) == ()
    assert ledger.devices({"DeviceRequests": [{"Count": 1, "DeviceIDs": None}]}) == ()
