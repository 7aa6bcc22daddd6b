"""What people's pods hold together, as the API server says, and whether one more fits; the scheduler has the last word."""

import json
from typing import Any

import pods
import running_pods
import shares
from aiohttp import ClientError
from failures import no_room
from kubernetes_asyncio.client import ApiException
from ledger import Holding, Ledger
from profiles import GIB
from room import Room
from settings import Sessions, Settings

ANSWER_S = 5
UNKNOWN = "Le cluster cherche une machine quand la session s’ouvre. S’il n’en trouve pas en trois minutes, il vous le dit."
# Which cards are free is the scheduler's to know.
PLENTY = 1 << 20


async def read(settings: Settings, api: Any) -> tuple[Holding, ...]:
    """Return what the pods of all people hold. Raises ApiException, ClientError, TimeoutError."""
    answer = await api.list_namespaced_pod(
        pods.cluster_of(settings).namespace,
        label_selector=pods.OWNER,
        _request_timeout=ANSWER_S,
        _preload_content=False,
    )
    return running_pods.holdings(json.loads(await answer.read())["items"])


async def refuse(spawner: Any) -> None:
    """Raise SpawnException if the session does not fit beside what its user, and all people, have."""
    settings: Settings = spawner.settings
    held = await read(settings, spawner.api)
    try:
        _refuse(spawner, held, settings)
    except shares.NoRoom as error:
        raise no_room(str(error), name=spawner.object_name) from error


def _refuse(spawner: Any, held: tuple[Holding, ...], settings: Settings) -> None:
    user = spawner.user.name
    most = pods.cluster_of(settings).memory_gb
    ledger = Ledger(held, int((most or 0) * GIB))
    limits = _limits(settings)
    shares.refuse_own(spawner.profile, user=user, ledger=ledger, limits=limits)
    if most is not None:
        shares.refuse_memory(
            spawner.profile, user=user, ledger=ledger, limits=limits, others=spawner.others
        )


async def look(settings: Settings, api: Any) -> Room | None:
    """Return what is free now; None where the site leaves it to the scheduler, or the API server does not answer."""
    most = pods.cluster_of(settings).memory_gb
    if most is None:
        return None
    try:
        ledger = Ledger(await read(settings, api), int(most * GIB))
    except (ApiException, ClientError, TimeoutError, OSError):
        return None
    return Room(
        memory=shares.memory_left(ledger, _limits(settings)),
        memory_of_all=shares.memory_of_sessions(ledger, _limits(settings)),
        gpus=PLENTY,
        gpus_of_all=0,
        next_gpu=None,
        images=frozenset(pods.cluster_of(settings).images),
    )


def _limits(settings: Settings) -> Sessions:
    """Builds have a quota of their own: nothing of what people may hold is kept for them."""
    mine = settings.sessions
    return Sessions(
        memory_overcommit=max(1, mine.memory_overcommit), reserved_gb=0, user_gb=mine.user_gb
    )
