"""Which pods can never start, as the cluster tells of them from one moment to the next."""

from typing import Any

import pytest

from infra.cluster.hopeless import CERTAIN_S, Watch

IMAGE = {"waiting": {"reason": "ErrImageNeverPull", "message": "no such image"}}
CRASH = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting"}}
RUNS: dict[str, Any] = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
BEGINS = {"waiting": {"reason": "ContainerCreating"}}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def pod(
    state: dict[str, Any],
    *,
    name: str = "hub",
    ready: bool = False,
    restarts: int = 0,
    goes: bool = False,
) -> dict[str, Any]:
    last = {"terminated": {"exitCode": 3}} if restarts else {}
    status = {
        "name": name,
        "state": state,
        "ready": ready,
        "restartCount": restarts,
        "lastState": last,
    }
    metadata = {"name": f"{name}-1", "uid": f"uid-{name}"}
    if goes:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {"metadata": metadata, "status": {"containerStatuses": [status]}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock) -> Watch:
    return Watch(clock=clock)


@pytest.mark.parametrize("reason", [reason for reason in CERTAIN_S if reason != "CrashLoopBackOff"])
def test_what_is_never_pulled_or_made_is_hopeless_within_two_minutes(
    reason: str, watch: Watch, clock: Clock
) -> None:
    state = {"waiting": {"reason": reason, "message": "so it is"}}
    assert watch.see([pod(state)]) == []
    clock.now = CERTAIN_S[reason] - 1
    assert watch.see([pod(state)]) == []
    clock.now = CERTAIN_S[reason]
    (found,) = watch.see([pod(state)])
    assert str(found) == f"the container hub of hub-1 cannot start: {reason} (so it is)"
    assert CERTAIN_S[reason] <= 120


def test_what_begins_late_is_not_hopeless(watch: Watch, clock: Clock) -> None:
    watch.see([pod(BEGINS)])
    clock.now = 600
    assert watch.see([pod(BEGINS)]) == []
    assert watch.see([{"metadata": {"name": "new", "uid": "new"}, "status": {}}]) == []


def test_a_pull_that_fails_in_two_ways_by_turns_is_one_failure(watch: Watch, clock: Clock) -> None:
    for at, reason in ((0, "ErrImagePull"), (20, "ImagePullBackOff"), (60, "ErrImagePull")):
        clock.now = at
        assert watch.see([pod({"waiting": {"reason": reason}})]) == []
    clock.now = 90
    assert len(watch.see([pod({"waiting": {"reason": "ImagePullBackOff"}})])) == 1


def test_a_pull_that_succeeds_begins_anew(watch: Watch, clock: Clock) -> None:
    failed = pod({"waiting": {"reason": "ImagePullBackOff"}})
    watch.see([failed])
    clock.now = 80
    watch.see([pod(RUNS, ready=True)])
    clock.now = 100
    assert watch.see([failed]) == []


def test_what_ends_again_and_again_is_hopeless_after_three_restarts(
    watch: Watch, clock: Clock
) -> None:
    watch.see([pod(CRASH, restarts=1)])
    clock.now = 30
    # Between two ends it runs, and is not ready: no reason to begin anew.
    assert watch.see([pod(RUNS, restarts=2)]) == []
    clock.now = 70
    assert watch.see([pod(CRASH, restarts=2)]) == []
    (found,) = watch.see([pod(CRASH, restarts=3)])
    assert found.why == "it ended 3 times, the last with status 3"


def test_what_ends_while_another_one_starts_may_wait_for_it(watch: Watch, clock: Clock) -> None:
    culler, hub = pod(CRASH, name="culler", restarts=4), pod(RUNS)
    watch.see([culler, hub])
    clock.now = 200
    assert watch.see([culler, hub]) == []
    assert len(watch.see([culler, pod(RUNS, ready=True)])) == 1


def test_all_that_fail_are_named_once_one_is_certain(watch: Watch, clock: Clock) -> None:
    """The hub's end is why its culler ends."""
    watch.see([pod(CRASH, name="culler", restarts=3), pod(CRASH, restarts=1)])
    clock.now = 61
    found = watch.see([pod(CRASH, name="culler", restarts=3), pod(RUNS, restarts=2)])
    assert [(one.container, one.reason) for one in found] == [
        ("culler", "CrashLoopBackOff"),
        ("hub", "CrashLoopBackOff"),
    ]


def test_what_goes_is_not_waited_for(watch: Watch, clock: Clock) -> None:
    watch.see([pod(IMAGE, goes=True)])
    clock.now = 100
    assert watch.see([pod(IMAGE, goes=True)]) == []


def test_an_init_container_counts_and_one_that_did_its_work_does_not(
    watch: Watch, clock: Clock
) -> None:
    def both(state: dict[str, Any]) -> dict[str, Any]:
        made = pod(BEGINS)
        (first,) = pod(state, name="first")["status"]["containerStatuses"]
        made["status"]["initContainerStatuses"] = [first]
        return made

    for now in (0, 100):
        clock.now = now
        assert watch.see([both({"terminated": {"exitCode": 0}})]) == []
    watch.see([both(IMAGE)])
    clock.now = 200
    assert [one.container for one in watch.see([both(IMAGE)])] == ["first"]
