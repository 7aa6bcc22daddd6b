"""Tells which pods can never start, by what the cluster says of their containers for long enough to be certain."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Pod = dict[str, Any]
# Why a container waits, and after how many seconds of it nothing better is to be expected: another node or a registry may
# be slow, a Secret may be made a moment later.
CERTAIN_S = {
    "ErrImageNeverPull": 30,
    "InvalidImageName": 30,
    "CreateContainerConfigError": 60,
    "CreateContainerError": 60,
    "RunContainerError": 60,
    "ErrImagePull": 90,
    "ImagePullBackOff": 90,
    "CrashLoopBackOff": 60,
}
CRASHES = "CrashLoopBackOff"
# Kubernetes waits 10, 20 and 40 s before these.
LEAST_RESTARTS = 3


@dataclass(frozen=True)
class Hopeless:
    pod: str
    container: str
    reason: str
    """In Kubernetes' word, `ImagePullBackOff`."""
    why: str

    def __str__(self) -> str:
        return (
            f"the container {self.container} of {self.pod} cannot start: {self.reason} ({self.why})"
        )


@dataclass
class Watch:
    """What was seen of pods so far: since when each container has failed."""

    clock: Callable[[], float] = time.monotonic
    since: dict[tuple[str, str], float] = field(default_factory=dict)

    def see(self, pods: Sequence[Pod]) -> list[Hopeless]:
        """Return the containers that fail, given all pods of a namespace as they are now, once it is certain that one of them
        can never start."""
        now = self.clock()
        wanted = [one for one in pods if "deletionTimestamp" not in one["metadata"]]
        told = [(one, container) for one in wanted for container in _containers(one)]
        failing = {
            _key(pod, container): self.since.get(_key(pod, container), now)
            for pod, container in told
            if _reason(container) in CERTAIN_S
            or (_key(pod, container) in self.since and not container["ready"])
        }
        self.since = failing
        # Who ends because another one does not answer yet runs once that one does.
        others_start = any(
            "running" in container["state"] and not container["ready"]
            for pod, container in told
            if _key(pod, container) not in failing
        )
        if not any(
            _is_certain(container, now - failing[_key(pod, container)], others_start)
            for pod, container in told
            if _key(pod, container) in failing
        ):
            return []
        # All that fail by now: one may fail for want of another.
        return [_said(pod, one) for pod, one in told if _key(pod, one) in failing]


def _is_certain(container: dict[str, Any], seconds: float, others_start: bool) -> bool:
    reason = _reason(container)
    if reason not in CERTAIN_S or seconds < CERTAIN_S[reason]:
        return False
    return reason != CRASHES or (container["restartCount"] >= LEAST_RESTARTS and not others_start)


def _containers(pod: Pod) -> Iterator[dict[str, Any]]:
    told = pod.get("status", {})
    for kind in ("initContainerStatuses", "containerStatuses"):
        for one in told.get(kind) or ():
            # One that did its work needs no other start.
            if one["state"].get("terminated", {}).get("exitCode") != 0:
                yield one


def _key(pod: Pod, container: dict[str, Any]) -> tuple[str, str]:
    return str(pod["metadata"]["uid"]), str(container["name"])


def _reason(container: dict[str, Any]) -> str:
    return str(container["state"].get("waiting", {}).get("reason", ""))


def _said(pod: Pod, container: dict[str, Any]) -> Hopeless:
    why = str(container["state"].get("waiting", {}).get("message", "")).strip()
    ended = container.get("lastState", {}).get("terminated")
    if ended is not None:
        why = (
            f"it ended {container['restartCount']} times, the last with status {ended['exitCode']}"
        )
    # Between two ends it runs, or waits for no reason yet.
    reason = _reason(container) or CRASHES
    return Hopeless(str(pod["metadata"]["name"]), str(container["name"]), reason, why)
