"""The memory of all sessions, as the administrators' page asks Docker for it: bounded in time, and not there at worst."""

import asyncio
import threading
import time
from typing import Any

import memory
import pytest
from docker.errors import APIError, DockerException, NotFound
from memory import Memory, memory_of, read

from tests.pace import patience

STATS = {"memory_stats": {"usage": 900, "limit": 2000, "stats": {"inactive_file": 100}}}


class FakeDocker:
    """Answers for some containers, after some time."""

    def __init__(self, *, takes_s: float = 0.0, away: Exception | None = None) -> None:
        self.takes_s, self.away = takes_s, away
        self.most, self.now, self.closed = 0, 0, False
        self._lock = threading.Lock()

    def ping(self) -> bool:
        if self.away:
            raise self.away
        return True

    def stats(self, name: str, **options: Any) -> dict[str, Any]:
        assert options == {"stream": False, "one_shot": True}, "each answer would take a second"
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.takes_s)
        with self._lock:
            self.now -= 1
        if name == "session-gone":
            raise NotFound("no such container")
        return {} if name == "session-ending" else STATS

    def close(self) -> None:
        self.closed = True


def ask(names: list[str], docker: Any) -> dict[str, Memory] | None:
    return asyncio.run(memory_of(names, client=lambda: docker))


def test_files_that_could_be_dropped_are_not_counted() -> None:
    assert read(STATS) == Memory(used=800, limit=2000)
    assert read({"memory_stats": {"usage": 900, "limit": 2000}}) == Memory(900, 2000)
    old = {"inactive_file": 1, "total_inactive_file": 200}
    assert read({"memory_stats": {"usage": 900, "limit": 2000, "stats": old}}) == Memory(700, 2000)
    assert read({"memory_stats": {}}) is None
    assert read({}) is None


def test_a_session_that_ends_meanwhile_is_left_out() -> None:
    docker = FakeDocker()
    found = ask(["session-alix", "session-gone", "session-ending"], docker)
    assert found == {"session-alix": Memory(800, 2000)}
    assert docker.closed


def test_all_sessions_are_asked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LIMIT_S", patience(60))
    together = threading.Barrier(memory.AT_ONCE)

    class Together(FakeDocker):
        """Answers no question before as many others are asked."""

        def stats(self, name: str, **options: Any) -> dict[str, Any]:
            together.wait(patience(30))
            return super().stats(name, **options)

    sessions = [f"session-{number}" for number in range(2 * memory.AT_ONCE)]
    found = ask(sessions, docker := Together())
    assert found is not None
    assert set(found) == set(sessions)
    assert docker.most <= memory.AT_ONCE


@pytest.mark.parametrize("away", [APIError("500"), DockerException("no socket")])
def test_without_docker_there_is_no_memory_and_no_error(away: Exception) -> None:
    assert ask(["session-alix"], FakeDocker(away=away)) is None


def test_a_docker_that_hangs_is_waited_for_no_longer_than_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "LIMIT_S", 0.3)

    async def twice() -> float:
        slow = FakeDocker(takes_s=1.0)
        began = time.monotonic()
        for _ in range(2):
            assert await memory_of(["session-alix"], client=lambda: slow) is None
        return time.monotonic() - began

    assert asyncio.run(twice()) < patience(3)


def test_without_sessions_docker_is_not_asked() -> None:
    assert ask([], FakeDocker(away=DockerException("away"))) == {}
