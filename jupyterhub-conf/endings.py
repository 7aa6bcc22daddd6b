"""Finds out from Docker's events whether a session ended for lack of memory: its container removes itself at its end."""

import asyncio
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import docker
from choices import PROFILE
from docker.errors import DockerException
from notices import MEMORY
from profiles import gib
from requests.exceptions import RequestException

# Docker remembers its last 256 events.
LOOKS_BACK = datetime.timedelta(hours=1)
# From the kill of a process to the end of its container, which has to unmount.
ENDS_WITHIN_S = 30
KILLED = "137"
ANSWER_S = 5


def out_of_memory_at(
    name: str, *, client: Callable[[], Any] | None = None
) -> datetime.datetime | None:
    """Return when the container of this name last ended, if that was for lack of memory. Raises DockerException and
    RequestException."""
    now = datetime.datetime.now(datetime.UTC)
    api = (client or _client)()
    try:
        told = api.events(
            since=now - LOOKS_BACK,
            # A text, since of a date the library keeps whole seconds: what ended the session may be of this very one.
            until=f"{now.timestamp():.6f}",
            filters={"container": [name], "event": ["oom", "die"]},
            decode=True,
        )
        return judged(told)
    finally:
        api.close()


def judged(events: Iterable[Mapping[str, Any]]) -> datetime.datetime | None:
    """Return the time of the last end among Docker's events, if the kernel had just killed for memory and the server itself
    was killed. A notebook's kernel that is killed leaves an event too, but the session goes on."""
    kills: dict[str, int] = {}
    last: datetime.datetime | None = None
    for event in events:
        container = str(event["Actor"]["ID"])
        if event["Action"] == "oom":
            kills[container] = int(event["time"])
        elif event["Action"] == "die":
            at = int(event["time"])
            killed = event["Actor"]["Attributes"].get("exitCode") == KILLED
            recent = at - kills.get(container, 0) <= ENDS_WITHIN_S
            last = datetime.datetime.fromtimestamp(at, datetime.UTC) if killed and recent else None
    return last


async def tell_if_out_of_memory(spawner: Any) -> None:
    """Keep for the user of a session that has ended, and in the journal, that it was for lack of memory."""
    name = spawner.object_name
    try:
        at = await asyncio.to_thread(out_of_memory_at, name)
    except (DockerException, RequestException) as error:
        spawner.log.warning("Why %s ended is not known: %s", name, error)
        return
    if at is not None:
        leave_word(spawner, at)


def leave_word(spawner: Any, at: datetime.datetime) -> None:
    """Keep, once, for the user of a session that it ended for lack of memory."""
    if at == spawner.told_of_memory:
        return
    name = spawner.object_name
    spawner.told_of_memory = at
    slug = (spawner.user_options or {}).get(PROFILE)
    limit = next((one for one in spawner.settings.profiles if one.slug == slug), None)
    spawner.log.warning("%s ended for lack of memory (profile %s)", name, slug)
    try:
        message = gib(limit.memory_bytes) if limit else "celle de son profil"
        spawner.notices.leave(spawner.user.name, message, why=MEMORY, at=at)
    except OSError:
        spawner.log.exception("That %s ended for lack of memory is lost", name)


def _client() -> Any:
    return docker.APIClient(version="auto", timeout=ANSWER_S)
