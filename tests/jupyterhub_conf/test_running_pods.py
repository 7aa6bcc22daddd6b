"""What the hub reads from running pods: rights, memory, how they ended, and which it may keep."""

import asyncio
import copy
import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pods
import pytest
import running_pods
from sessions import Person
from settings import Settings, load_settings

from tests.jupyterhub_conf.cluster_site import CLUSTER, NOW, write_cluster

ROSE = Person(login="rose", uid=1_000_001, gid=1_000_001, analysts_gid=1_000_001)


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return load_settings(write_cluster(tmp_path))


@pytest.fixture
def pod(site: Settings) -> dict[str, Any]:
    """Give rose's running session for the project that may read typed tables, with what an API server adds."""
    made = pods.session_pod(
        *(ROSE, site.projects[0], site.profiles[0], site),
        mine=site.projects,
        now=NOW,
        environment={"JUPYTERHUB_API_TOKEN": "t" * 32},
    )
    made["metadata"]["creationTimestamp"] = "2026-03-02T12:00:00Z"
    spec = made["spec"]
    spec |= {"nodeName": "one", "schedulerName": "default-scheduler", "priority": 0}
    spec["tolerations"] = [{"key": "node.kubernetes.io/unreachable", "operator": "Exists"}]
    (container,) = spec["containers"]
    container |= {"terminationMessagePath": "/dev/termination-log"}
    # As the server writes quantities back.
    container["resources"]["limits"] = {"memory": "2Gi", "cpu": "1"}
    made["status"] = {"phase": "Running"}
    return made


def kept(pod: dict[str, Any], site: Settings) -> tuple[str, str] | None:
    found = running_pods.adoptable(pod, person=ROSE, mine=site.projects, settings=site)
    return found and (found[0].slug, found[1].slug)


@pytest.mark.parametrize(
    ("said", "number"),
    [("500m", 0.5), ("2Gi", 2 << 30), ("2147483648", 2 << 30), ("1", 1), ("1k", 1000), ("x", None)],
)
def test_a_quantity_is_read_as_kubernetes_writes_it(said: str, number: float | None) -> None:
    assert running_pods.quantity(said) == number


def test_a_session_is_kept_for_the_project_and_profile_that_it_has(
    site: Settings, pod: dict[str, Any]
) -> None:
    assert kept(pod, site) == ("variations", "petite")
    pod["spec"]["containers"][0]["image"] = "openchronic/jupyter@sha256:" + "b" * 64
    assert kept(pod, site) == ("variations", "petite"), "an older image goes on"


@pytest.mark.parametrize(
    "wrong",
    [
        {"spec.securityContext.runAsUser": 1_000_002},
        {"spec.securityContext.runAsNonRoot": False},
        {"spec.securityContext.supplementalGroups": [2_000_001, 2_000_009, 0]},
        {"spec.containers.0.securityContext.privileged": True},
        {"spec.containers.0.securityContext.readOnlyRootFilesystem": False},
        {"spec.containers.0.securityContext.capabilities": {"drop": []}},
        {"spec.containers.0.resources.limits": {"memory": "64Gi", "cpu": "1"}},
        {"spec.automountServiceAccountToken": True},
        {"spec.serviceAccountName": "default"},
        {"spec.volumes.0": {"name": "home", "hostPath": {"path": "/"}}},
        {"spec.initContainers": [{"name": "first"}]},
        {"spec.ephemeralContainers": [{"name": "debugger"}]},
        {"metadata.labels": {pods.PROJECT: "parcours", pods.OWNER: "rose"}},
        {"metadata.labels": {}},
        {"metadata.deletionTimestamp": "2026-03-02T12:00:00Z"},
        {"status.phase": "Failed"},
        {"spec.containers.0.env": []},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a_session_that_the_hub_would_not_start_is_not_kept(
    site: Settings, pod: dict[str, Any], wrong: dict[str, Any]
) -> None:
    ((path, value),) = wrong.items()
    *way, last = path.split(".")
    place: Any = pod
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    assert kept(pod, site) is None


def test_one_more_volume_or_container_is_too_many(site: Settings, pod: dict[str, Any]) -> None:
    more = copy.deepcopy(pod)
    more["spec"]["volumes"].append({"name": "x", "emptyDir": {}})
    assert kept(more, site) is None
    pod["spec"]["containers"].append({"name": "x", "env": []})
    assert kept(pod, site) is None


def test_a_right_that_was_taken_away_is_found(site: Settings, pod: dict[str, Any]) -> None:
    def gone(site: Settings, mine: Any = None) -> list[str]:
        mine = site.projects if mine is None else mine
        return running_pods.outlived(pod, person=ROSE, mine=mine, settings=site)

    assert gone(site) == []
    assert gone(site, mine=site.projects[1:]) == ["its project"]
    closed = site.projects[0].model_copy(update={"source_tables": False})
    less = site.model_copy(update={"projects": [closed, site.projects[1]]})
    assert gone(less) == [
        f"group {CLUSTER['source_readers_gid']}",
        "restricted/demo/openchronic-demo-store",
    ]


def test_people_hold_what_their_pods_ask_for(pod: dict[str, Any]) -> None:
    other = copy.deepcopy(pod)
    other["metadata"]["name"] = "executor-rose-1"
    ended = copy.deepcopy(pod)
    ended["status"]["phase"] = "Succeeded"
    foreign = copy.deepcopy(pod)
    foreign["metadata"]["labels"] = {}
    held = running_pods.holdings([pod, other, ended, foreign])
    assert [(one.container, one.user, one.memory) for one in held] == [
        ("session-rose", "rose", 2 << 30),
        ("executor-rose-1", "rose", 2 << 30),
    ]


@pytest.mark.parametrize(
    ("reason", "name", "at"),
    [
        ("OOMKilled", "notebook", datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)),
        ("Error", "notebook", None),
        ("OOMKilled", "another", None),
    ],
)
def test_an_end_for_lack_of_memory_is_told_from_others(
    reason: str, name: str, at: datetime.datetime | None
) -> None:
    ended = {"reason": reason, "finishedAt": "2026-03-02T12:00:00Z"}
    status = {"containerStatuses": [{"name": name, "state": {"terminated": ended}}]}
    assert running_pods.out_of_memory_at({"status": status}) == at


def test_a_pod_whose_node_is_gone_is_given_up(pod: dict[str, Any]) -> None:
    minute = datetime.timedelta(minutes=1)
    assert not running_pods.is_lost(pod, now=NOW + 9 * minute)
    pod["metadata"]["deletionTimestamp"] = "2026-03-02T12:00:00Z"
    assert not running_pods.is_lost(pod, now=NOW + minute)
    assert running_pods.is_lost(pod, now=NOW + 2 * minute)


def _reflector(*, gave_up: bool, failed: bool) -> Any:
    loop = asyncio.get_running_loop()
    loaded: asyncio.Future[None] = loop.create_future()
    if failed:
        loaded.set_exception(OSError("away"))
    else:
        loaded.set_result(None)
    task = SimpleNamespace(done=lambda: gave_up)
    return SimpleNamespace(first_load_future=loaded, watch_task=None if failed else task)


@pytest.mark.parametrize(
    ("known", "replaced"),
    [
        ({"gave_up": False, "failed": False}, False),
        ({"gave_up": True, "failed": False}, True),
        ({"gave_up": False, "failed": True}, True),
    ],
)
def test_a_watch_that_gave_up_is_begun_again(
    monkeypatch: pytest.MonkeyPatch, known: dict[str, bool], replaced: bool
) -> None:
    """KubeSpawner's ends for ever after a minute without the API server: the hub would see no pod start or end any more."""
    import pod_spawner

    asked: list[dict[str, Any]] = []

    async def begin(self: Any, **given: Any) -> None:
        asked.append(given)

    async def watch() -> None:
        monkeypatch.setattr(pod_spawner.PodSpawner, "pod_reflector", _reflector(**known))
        monkeypatch.setattr(pod_spawner.PodSpawner, "_start_reflector", begin)
        await pod_spawner.PodSpawner._start_watching_pods(
            pod_spawner.PodSpawner.__new__(pod_spawner.PodSpawner)
        )

    asyncio.run(watch())
    assert [one["replace"] for one in asked] == [replaced]
    assert asked[0]["labels"] == {"app.kubernetes.io/component": "session"}
