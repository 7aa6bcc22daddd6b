"""How the builds of a base ended: those that its CronJob began, and those that an operator did, by hand, from it."""

from collections.abc import Sequence
from typing import Any

Told = dict[str, Any]
BASE = "bigdata.openchronic/base"


def build(schedule: Told, jobs: Sequence[Told]) -> Told:
    """Return what is known of a base's builds, from its CronJob and the jobs of the namespace.

    A CronJob tells only of what it began itself, and jobs are removed when there are many: the newest of both counts.
    """
    base = schedule["metadata"]["name"].removeprefix("build-")
    told = schedule.get("status", {})
    own = sorted(
        (one for one in jobs if _base(one) == base),
        key=lambda one: str(one["metadata"]["creationTimestamp"]),
    )
    newest = own[-1] if own else None
    good = _latest(
        told.get("lastSuccessfulTime"),
        *(one.get("status", {}).get("completionTime") for one in own),
    )
    last = _latest(
        told.get("lastScheduleTime"), newest["metadata"]["creationTimestamp"] if newest else None
    )
    runs = bool(told.get("active")) or any(one.get("status", {}).get("active") for one in own)
    if newest is not None:
        failed = _is(newest, "Failed")
    else:
        # Both are moments of one form, which compare as texts.
        failed = bool(last and not runs and (good is None or good < last))
    return {
        "base": base,
        "job": newest["metadata"]["name"] if newest else schedule["metadata"]["name"],
        "schedule": schedule["spec"]["schedule"],
        "runs": runs,
        "last": last,
        "succeeded": good,
        "failed": failed and not runs,
    }


def _base(job: Told) -> str | None:
    found: str | None = job["spec"]["template"]["metadata"].get("labels", {}).get(BASE)
    return found


def _is(job: Told, condition: str) -> bool:
    conditions = job.get("status", {}).get("conditions", [])
    return any(one["type"] == condition and one["status"] == "True" for one in conditions)


def _latest(*moments: str | None) -> str | None:
    return max((one for one in moments if one), default=None)
