"""Reads from pods, as the API server describes them, what sessions hold: rights, memory, the way they ended. Pure functions."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger import Holding
from pods import CONTAINER, OWNER, PROJECT, session_pod
from profiles import offered
from sessions import Person
from settings import Profile, Project, Settings

ENDED = ("Succeeded", "Failed")
OUT_OF_MEMORY = "OOMKilled"
# From the end of a pod's grace.
LOST_AFTER = datetime.timedelta(seconds=60)
# Suffixes of Kubernetes' quantities.
POWERS = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
POWERS |= {f"{sign}i": 2.0 ** (10 * at) for at, sign in enumerate("KMGT", start=1)}
# Differs from session to session, or is not a wall: another image than today's is no reason to end a computation.
APART = frozenset({"env", "image", "imagePullPolicy", "activeDeadlineSeconds", "startupProbe"})
# What the cluster adds to what it is asked for.
ADDED_TO = frozenset({"tolerations"})


def quantity(said: object) -> float | None:
    """Return the number that Kubernetes writes as `500m` or `2Gi`; None for anything else."""
    text = str(said)
    suffix = next((one for one in sorted(POWERS, key=len, reverse=True) if text.endswith(one)), "")
    try:
        return float(text.removesuffix(suffix)) * POWERS.get(suffix, 1)
    except ValueError:
        return None


def project_of(pod: Mapping[str, Any], *, mine: Sequence[Project]) -> Project | None:
    """Return the project of a pod; None if it is not among these. Its label cannot be changed by who is in it."""
    slug = pod["metadata"].get("labels", {}).get(PROJECT)
    return next((one for one in mine if one.slug == slug), None)


def token(pod: Mapping[str, Any]) -> str:
    """Return the API token with which the session and the hub authenticate each other; empty if it has none."""
    return _variable(pod, "JUPYTERHUB_API_TOKEN")


def adoptable(
    pod: Mapping[str, Any], *, person: Person, mine: Sequence[Project], settings: Settings
) -> tuple[Project, Profile] | None:
    """Return the project and the profile of a running session that the hub's database does not know, and that the hub would
    start the same today; None if it may not be kept."""
    project = project_of(pod, mine=mine)
    runs = pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
    if project is None or not runs or not token(pod):
        return None
    if {"initContainers", "ephemeralContainers"} & {name for name, it in pod["spec"].items() if it}:
        return None
    for profile in offered(settings.profiles, project=project):
        wanted = _today(person, project, profile, mine=mine, settings=settings)
        if holds(pod["spec"], wanted["spec"]):
            return project, profile
    return None


def outlived(
    pod: Mapping[str, Any], *, person: Person, mine: Sequence[Project], settings: Settings
) -> list[str]:
    """Return what a session has that its user would not get today: its project if it is not one of theirs (`mine`), else
    folders and groups."""
    project = project_of(pod, mine=mine)
    if project is None:
        return ["its project"]
    today = _today(person, project, settings.profiles[0], mine=mine, settings=settings)
    return sorted(rights(pod) - rights(today))


def rights(pod: Mapping[str, Any]) -> frozenset[str]:
    """Return the folders of claims that a pod has, and whether it may write in them, and its groups."""
    spec = pod["spec"]
    claims = {
        one["name"]: one["persistentVolumeClaim"]
        for one in spec.get("volumes") or ()
        if one.get("persistentVolumeClaim")
    }
    found = set()
    for container in spec["containers"]:
        for mount in container.get("volumeMounts") or ():
            claim = claims.get(mount["name"])
            if claim is None:
                continue
            path = "/".join(filter(None, (claim["claimName"], mount.get("subPath"))))
            read_only = claim.get("readOnly") or mount.get("readOnly")
            found.add(path if read_only else f"write in {path}")
    gids = (spec.get("securityContext") or {}).get("supplementalGroups") or ()
    return frozenset(found) | {f"group {gid}" for gid in gids}


def holds(found: Any, wanted: Any, *, within: str = "") -> bool:
    """Whether a description has all that is wanted, and lists nothing more: the API server adds its defaults to objects."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            holds(found.get(name), it, within=name)
            for name, it in wanted.items()
            if name not in APART
        )
    if isinstance(wanted, list):
        if not isinstance(found, list):
            return False
        if within in ADDED_TO:
            return all(any(holds(one, it) for one in found) for it in wanted)
        return len(found) == len(wanted) and all(map(holds, found, wanted))
    if isinstance(wanted, bool) or found is None:
        # A default that is false is left out.
        return bool(found) == wanted if isinstance(wanted, bool) else False
    return bool(found == wanted) or (
        quantity(wanted) is not None and quantity(found) == quantity(wanted)
    )


def holdings(pods: Iterable[Mapping[str, Any]]) -> tuple[Holding, ...]:
    """Return what pods of people hold: sessions, and their executors and workers."""
    return tuple(
        Holding(
            container=pod["metadata"]["name"],
            user=pod["metadata"]["labels"][OWNER],
            project=pod["metadata"]["labels"].get(PROJECT, ""),
            memory=sum(_memory(one) for one in pod["spec"]["containers"]),
            gpus=(),
            since=datetime.datetime.fromisoformat(pod["metadata"]["creationTimestamp"]),
        )
        for pod in pods
        if (pod.get("status") or {}).get("phase") not in ENDED
        and OWNER in (pod["metadata"].get("labels") or {})
    )


def out_of_memory_at(pod: Mapping[str, Any]) -> datetime.datetime | None:
    """Return when a session ended, if that was for lack of memory."""
    for status in pod["status"].get("containerStatuses") or ():
        ended = (status.get("state") or {}).get("terminated") or {}
        if status["name"] == CONTAINER and ended.get("reason") == OUT_OF_MEMORY:
            return datetime.datetime.fromisoformat(ended["finishedAt"])
    return None


def is_lost(pod: Mapping[str, Any], *, now: datetime.datetime) -> bool:
    """Whether a pod should be gone, and is not: its node does not answer, and may never do again."""
    due = pod["metadata"].get("deletionTimestamp")
    return due is not None and now - datetime.datetime.fromisoformat(due) > LOST_AFTER


def waits_for(pod: Mapping[str, Any]) -> tuple[str, str]:
    """Return why a pod does not run yet, as a word of Kubernetes' and its message; two empty texts if it says none."""
    for status in pod["status"].get("containerStatuses") or ():
        waiting = (status.get("state") or {}).get("waiting") or {}
        if reason := waiting.get("reason"):
            return reason, waiting.get("message", "")
    for condition in pod["status"].get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return condition.get("reason", ""), condition.get("message", "")
    return "", ""


def _today(
    person: Person,
    project: Project,
    profile: Profile,
    *,
    mine: Sequence[Project],
    settings: Settings,
) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC)
    return session_pod(person, project, profile, settings, mine=mine, now=now, environment={})


def _memory(container: Mapping[str, Any]) -> int:
    limits = (container.get("resources") or {}).get("limits") or {}
    return int(quantity(limits.get("memory", 0)) or 0)


def _variable(pod: Mapping[str, Any], name: str) -> str:
    return next(
        (
            one.get("value", "")
            for container in pod["spec"]["containers"]
            for one in container.get("env") or ()
            if one["name"] == name
        ),
        "",
    )
