"""Asks Docker how much memory each session uses: all at once, within a few seconds, or not at all."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

# The page of the administrators waits this long at most.
LIMIT_S = 4.0
# For one answer of Docker.
ANSWER_S = 3
AT_ONCE = 8
# One page asks at a time: a Docker that hangs must not gather threads.
_asking = ThreadPoolExecutor(1, thread_name_prefix="memory")


@dataclass(frozen=True)
class Memory:
    """Bytes of a session's memory: in use, and its limit."""

    used: int
    limit: int


async def memory_of(
    containers: Iterable[str], *, client: Callable[[], Any] | None = None
) -> dict[str, Memory] | None:
    """Return the memory of the containers by name, without those that Docker does not know; None if it does not answer."""
    names = tuple(containers)
    deadline = time.monotonic() + LIMIT_S
    loop = asyncio.get_running_loop()
    asked = loop.run_in_executor(_asking, _ask, names, client or _client, deadline)
    try:
        return await asyncio.wait_for(asked, LIMIT_S)
    except (TimeoutError, DockerException, RequestException):
        return None


def _client() -> Any:
    return docker.APIClient(version="auto", timeout=ANSWER_S)


def _ask(names: tuple[str, ...], client: Callable[[], Any], deadline: float) -> dict[str, Memory]:
    if not names:
        return {}
    api = client()

    def one(name: str) -> Memory | None:
        if time.monotonic() > deadline:
            return None
        try:
            return read(api.stats(name, stream=False, one_shot=True))
        except (DockerException, RequestException):
            return None

    try:
        # Raises at once where Docker does not answer, instead of after each session's turn.
        api.ping()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = dict(zip(names, pool.map(one, names), strict=True))
    finally:
        api.close()
    return {name: memory for name, memory in found.items() if memory}


def read(told: Mapping[str, Any]) -> Memory | None:
    """Return the memory from Docker's statistics, as `docker stats` counts it: without the files that could be dropped."""
    memory = told.get("memory_stats") or {}
    if not memory.get("usage") or not memory.get("limit"):
        return None
    details = memory.get("stats") or {}
    # The first name is that of control groups of version 1.
    idle = details.get("total_inactive_file", details.get("inactive_file", 0))
    return Memory(max(0, int(memory["usage"]) - int(idle)), int(memory["limit"]))
