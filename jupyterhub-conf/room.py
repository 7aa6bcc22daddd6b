"""Says on the start page what is free now, and which profiles are not ready because their image is not on the server."""

import asyncio
import datetime
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cards
import docker
import ledger
import shares
from docker.errors import DockerException
from requests.exceptions import RequestException
from settings import Settings

# The start page waits this long at most for Docker.
LIMIT_S = 5.0
# A Docker that hangs must not gather threads, however many pages are asked for.
_asking = ThreadPoolExecutor(2, thread_name_prefix="room")


@dataclass(frozen=True)
class Room:
    """What is free at a moment, in bytes and cards; when the next card comes free at the latest; and the images there."""

    memory: int
    memory_of_all: int
    gpus: int
    gpus_of_all: int
    next_gpu: datetime.datetime | None
    images: frozenset[str]


async def look(settings: Settings, *, client: Callable[[], Any] | None = None) -> Room | None:
    """Return what is free now; None if Docker does not answer."""
    looked = asyncio.get_running_loop().run_in_executor(_asking, _look, settings, client or _client)
    try:
        return await asyncio.wait_for(looked, LIMIT_S)
    except (TimeoutError, DockerException, RequestException):
        return None


def _look(settings: Settings, client: Callable[[], Any]) -> Room:
    held = ledger.read(network=settings.network, client=client)
    lasts = datetime.timedelta(hours=settings.idle.greatest_age_hours)
    api = client()
    try:
        tags = frozenset(tag for one in api.images() for tag in one.get("RepoTags") or ())
    finally:
        api.close()
    return Room(
        memory=shares.memory_left(held, settings.sessions),
        memory_of_all=shares.memory_of_sessions(held, settings.sessions),
        gpus=len(cards.left(settings.gpu_devices, held)),
        gpus_of_all=len(settings.gpu_devices),
        next_gpu=cards.next_free(held, lasts),
        images=ready(settings, tags),
    )


def ready(settings: Settings, tags: frozenset[str]) -> frozenset[str]:
    """Return the names of the images in service that Docker has. A start never builds or fetches one."""
    try:
        in_service: Mapping[str, Any] = json.loads(Path(settings.images_file).read_text())
        return frozenset(name for name, reference in in_service.items() if reference in tags)
    except (OSError, ValueError, AttributeError):
        return frozenset()


def _client() -> Any:
    return docker.APIClient(version="auto", timeout=LIMIT_S)
