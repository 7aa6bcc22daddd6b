"""A session that ended for lack of memory is told from one whose notebook did, or that was stopped."""

import time
from typing import Any

import endings
import pytest

ONE, OTHER = "a" * 64, "b" * 64


def oom(at: int, container: str = ONE) -> dict[str, Any]:
    return {"Action": "oom", "time": at, "Actor": {"ID": container, "Attributes": {}}}


def die(at: int, status: int, container: str = ONE) -> dict[str, Any]:
    told = {"exitCode": str(status)}
    return {"Action": "die", "time": at, "Actor": {"ID": container, "Attributes": told}}


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([oom(1000), die(1001, 137)], True),
        ([oom(10), oom(1000), die(1001, 137)], True),
        ([die(1001, 137)], False),
        ([oom(1000), die(1001, 143)], False),
        ([oom(10), die(1001, 137)], False),
        ([oom(1000, OTHER), die(1001, 137)], False),
        ([oom(1000)], False),
        ([oom(1000), die(1001, 137), die(1100, 143, OTHER)], False),
        ([], False),
    ],
    ids=[
        "the server killed for memory",
        "after a notebook's kernel",
        "killed by hand",
        "stopped just after a notebook's kernel was killed",
        "killed by hand long after a notebook's kernel",
        "the memory of an earlier session",
        "only a notebook's kernel",
        "the session before",
        "nothing known",
    ],
)
def test_only_a_server_killed_for_its_memory_is_told_so(
    events: list[dict[str, Any]], told: bool
) -> None:
    found = endings.judged(events)
    assert (found is not None) is told
    if found:
        assert found.timestamp() == 1001


def test_docker_is_asked_for_the_past_and_does_not_wait_for_more() -> None:
    class Docker:
        closed = False

        def events(self, **asked: Any) -> list[dict[str, Any]]:
            # Docker takes it as it is; of a date, the library would drop the part of a second in which a session ended.
            assert before <= float(asked["until"]) <= time.time()
            assert asked["since"].timestamp() < before - 60
            assert asked["filters"]["container"] == ["session-claire"]
            return [oom(1000), die(1001, 137)]

        def close(self) -> None:
            self.closed = True

    docker = Docker()
    before = int(time.time() * 1e6) / 1e6
    assert endings.out_of_memory_at("session-claire", client=lambda: docker) is not None
    assert docker.closed
