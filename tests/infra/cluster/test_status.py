"""What `make status` of a cluster finds to need a hand, from what the API server tells of its objects."""

from typing import Any

import pytest

from infra.cluster.build_status import build as told_of
from infra.cluster.status import _claim, _pod, needs, screen
from infra.settings.cluster_file import load_cluster_site
from infra.settings.cluster_site import ClusterSite


@pytest.fixture(scope="module")
def site() -> ClusterSite:
    return load_cluster_site("kube")


def pod(
    component: str, *, ready: bool = True, restarts: int = 0, owner: str = ""
) -> dict[str, Any]:
    labels = {
        "app.kubernetes.io/component": component,
        "bigdata.openchronic/owner": owner,
        "bigdata.openchronic/project": "parcours",
    }
    return _pod(
        {
            "metadata": {"name": f"{component}-1", "labels": labels},
            "spec": {"nodeName": "n1"},
            "status": {
                "phase": "Running",
                "startTime": "2027-01-01T08:00:00Z",
                "containerStatuses": [{"ready": ready, "restartCount": restarts}],
            },
        }
    )  # fmt: skip


def sound() -> dict[str, Any]:
    return {
        "deployed": {"revision": 3, "status": "deployed", "updated": "2027-01-01"},
        "services": [pod(one) for one in ("web", "hub", "proxy", "culler", "broker")],
        "people": [pod("session", owner="alix"), pod("executor", owner="alix"), pod("executor", owner="demo")],
        "claims": [claim("Bound")],
        "builds": [build(last="2027-01-01T20:00:00Z", good="2027-01-01T21:00:00Z")],
        "certificate": 200.0,
    }  # fmt: skip


def claim(phase: str) -> dict[str, Any]:
    return _claim(
        {
            "metadata": {"name": "releases", "namespace": "bigdata-work"},
            "spec": {"resources": {"requests": {"storage": "2Gi"}}},
            "status": {"phase": phase},
        }
    )


def build(*, last: str | None, good: str | None, active: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {
        "lastScheduleTime": last,
        "lastSuccessfulTime": good,
        "active": [{}] if active else [],
    }
    return told_of(schedule(told), [])


def schedule(told: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "build-demo"}, "spec": {"schedule": "0 0 1 * *"}, "status": told}


def job(name: str, *, made: str, base: str = "demo", **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": made},
        "spec": {"template": {"metadata": {"labels": {"bigdata.openchronic/base": base}}}},
        "status": status,
    }


def ended(how: str) -> list[dict[str, str]]:
    return [{"type": how, "status": "True"}]


def test_a_sound_cluster_needs_no_hand_and_shows_who_computes(site: ClusterSite) -> None:
    told = sound()
    assert list(needs(told, site)) == []
    shown = screen(told, [], site)
    assert "nothing needs a hand" in shown
    assert "web      1 of 1 ready" in shown
    assert "alix             parcours       since 2027-01-01T08:00:00Z on n1, 1 executors" in shown


@pytest.mark.parametrize(
    ("change", "what", "then"),
    [
        ({"deployed": None}, "nothing is deployed there", "make deploy SITE=kube"),
        ({"deployed": {"revision": 1, "status": "failed", "updated": ""}}, "the last deploy is failed", "make deploy SITE=kube goes on"),
        ({"services": [pod(one) for one in ("web", "hub", "proxy", "culler")]}, "broker does not run", "describe pods --selector app.kubernetes.io/component=broker"),
        ({"services": [pod(one, ready=one != "hub") for one in ("web", "hub", "proxy", "culler", "broker")]}, "hub does not run", "describe pods"),
        ({"services": [pod(one, restarts=6) if one == "web" else pod(one) for one in ("web", "hub", "proxy", "culler", "broker")]}, "web-1 was restarted 6 times", "logs web-1 --previous"),
        ({"claims": [claim("Pending")]}, "the claim releases is pending", "--namespace bigdata-work describe pvc releases"),
        ({"builds": [build(last="2027-01-02T20:00:00Z", good="2027-01-01T21:00:00Z")]}, "the last build of demo failed; the release in service stays", "--namespace bigdata-work logs"),
        ({"certificate": None}, "the certificate cannot be read", "make deploy SITE=kube"),
        ({"certificate": 12.4}, "the certificate ends in 12 days", "make deploy SITE=kube"),
    ],
)  # fmt: skip
def test_each_trouble_is_told_once_with_the_next_step(
    site: ClusterSite, change: dict[str, Any], what: str, then: str
) -> None:
    (found,) = needs(sound() | change, site)
    assert found.what == what
    assert then in found.next
    assert f"! {what}" in screen(sound() | change, [found], site)


def test_a_build_that_runs_or_never_ran_has_not_failed() -> None:
    assert not build(last="2027-01-02T20:00:00Z", good=None, active=True)["failed"]
    assert not build(last=None, good=None)["failed"]
    assert build(last="2027-01-02T20:00:00Z", good=None)["failed"]


def test_a_build_that_was_begun_by_hand_counts_as_the_last() -> None:
    """A CronJob tells nothing of it."""
    good = job("build-demo-now", made="2027-01-03T09:00:00Z", completionTime="2027-01-03T09:05:00Z", conditions=ended("Complete"))  # fmt: skip
    of_another = job("build-cohorte-1", made="2027-01-04T09:00:00Z", base="cohorte", conditions=ended("Failed"))  # fmt: skip
    found = told_of(schedule({}), [good, of_another])
    assert (found["last"], found["succeeded"]) == ("2027-01-03T09:00:00Z", "2027-01-03T09:05:00Z")
    assert not found["failed"]
    broken = job("build-demo-again", made="2027-01-05T09:00:00Z", conditions=ended("Failed"))
    found = told_of(
        schedule({"lastScheduleTime": "2027-01-02T20:00:00Z", "lastSuccessfulTime": "2027-01-02T21:00:00Z"}),
        [broken, good],
    )  # fmt: skip
    assert found["failed"]
    assert found["job"] == "build-demo-again"
    runs = job("build-demo-third", made="2027-01-06T09:00:00Z", active=1)
    found = told_of(schedule({}), [broken, runs])
    assert found["runs"]
    assert not found["failed"]
