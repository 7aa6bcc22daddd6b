"""Takes over a running session that the hub's database does not know, because it was lost or restored from a copy.

Starting a session would remove its container, and the user's computations with it. It is kept if the hub would start the
same today: the same user, the same isolation, and a project of the user, and the limits of a profile that is open to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger import devices
from profiles import offered
from projects import project_of
from sessions import Person, mounts, supplementary
from settings import Profile, Project, Settings

TOKEN = "JUPYTERHUB_API_TOKEN="  # noqa: S105 - the name of a variable


def adoptable(
    container: Mapping[str, Any],
    *,
    person: Person,
    mine: Sequence[Project],
    settings: Settings,
) -> tuple[Project, Profile] | None:
    """Return the project, one of the user's (`mine`), and the profile of a running session (Docker's description of it)
    that may be kept; None if it may not."""
    project = project_of(container, mine=mine)
    if project is None:
        return None
    host = container["HostConfig"]
    state = container["State"]
    walls = (
        state["Running"] and not state["Paused"],
        container["Config"]["User"] == f"{person.uid}:{person.gid}",
        list(container["NetworkSettings"]["Networks"]) == [settings.network],
        host["ReadonlyRootfs"] and not host["Privileged"],
        host["CapDrop"] == ["ALL"] and not host["CapAdd"],
        any(option.startswith("no-new-privileges") for option in host["SecurityOpt"] or ()),
        mounted(container) == allowed_mounts(person, project, settings),
        set(host["GroupAdd"] or ()) == allowed_groups(person, project, settings),
        bool(token(container)),
    )
    if not all(walls):
        return None
    cards = devices(host)
    if not set(cards) <= set(settings.gpu_devices):
        return None
    # /dev/shm is within the memory: sessions of an earlier version have less of it.
    limits = (host["Memory"], _cpus(host), host["PidsLimit"], len(cards))
    return next(
        (
            (project, one)
            for one in offered(settings.profiles, project=project)
            if (one.memory_bytes, one.cpus, one.pids, one.gpus) == limits
        ),
        None,
    )


def token(container: Mapping[str, Any]) -> str:
    """Return the API token with which the session and the hub authenticate each other; empty if it has none."""
    values = [line.removeprefix(TOKEN) for line in container["Config"]["Env"] if TOKEN in line]
    return values[0] if values else ""


def _cpus(host: Mapping[str, Any]) -> float:
    if host["NanoCpus"]:
        return float(host["NanoCpus"]) / 1e9
    return float(host["CpuQuota"]) / (host["CpuPeriod"] or 100_000)


def mounted(container: Mapping[str, Any]) -> set[tuple[str, str, bool]]:
    """Return the bind mounts of a container as (source, target, read-only)."""
    return {
        (mount["Source"], mount["Destination"], not mount["RW"])
        for mount in container["Mounts"]
        if mount["Type"] == "bind"
    }


def allowed_groups(person: Person, project: Project, settings: Settings) -> set[str]:
    return {str(gid) for gid in supplementary(person, project, settings).values()}


def allowed_mounts(
    person: Person, project: Project, settings: Settings
) -> set[tuple[str, str, bool]]:
    return {
        (mount["source"], mount["target"], mount["read_only"])
        for mount in mounts(person, project, settings)
    }
