"""The pod of a session on a cluster: what it may write and read, whose it is, its walls and limits."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pods
import pytest
import sessions
from adoption import allowed_mounts
from sessions import Person
from settings import Profile, Project, Settings, load_settings

from infra.settings import layout
from tests.jupyterhub_conf.cluster_site import CLUSTER, DIGEST, NOW, session_pods, write_cluster

Mounts = dict[str, tuple[str, str, bool]]


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return load_settings(write_cluster(tmp_path))


@pytest.fixture
def all_pods(tmp_path: Path) -> list[dict[str, Any]]:
    found = session_pods(tmp_path)
    assert len(found) == 10, "four people, in one project or two, each with two profiles"
    return found


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> Settings:
    place = write_cluster(folder)
    raw = json.loads(place.read_text())
    change(raw)
    place.write_text(json.dumps(raw))
    return load_settings(place)


def pod_of(site: Settings, login: str, project: Project, profile: Profile) -> dict[str, Any]:
    person = pods.find_account(login, site)
    assert person
    return pods.session_pod(
        *(person, project, profile, site), mine=site.projects, now=NOW, environment={}
    )


def mounts_of(pod: dict[str, Any]) -> Mounts:
    """Return, by the path in the session: the claim, its folder, and whether it can be written."""
    claims = {
        one["name"]: one["persistentVolumeClaim"]
        for one in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in one
    }
    return {
        one["mountPath"]: (
            claims[one["name"]]["claimName"],
            one.get("subPath", ""),
            not (one.get("readOnly") or claims[one["name"]].get("readOnly")),
        )
        for one in pod["spec"]["containers"][0]["volumeMounts"]
        if one["name"] in claims
    }


def test_a_session_reads_the_bases_of_its_project_alone(site: Settings) -> None:
    variations, parcours = site.projects
    assert mounts_of(pod_of(site, "rose", variations, site.profiles[0])) == {
        "/home/rose": ("home-rose.variations", "", True),
        f"{layout.TEAMS}/variations": ("team-variations", "", True),
        f"{layout.RELEASES}/demo": ("releases", "demo", False),
        f"{layout.RESTRICTED}/demo/openchronic-demo-store": (
            "restricted",
            "demo/openchronic-demo-store",
            False,
        ),
    }
    assert mounts_of(pod_of(site, "rose", parcours, site.profiles[0])) == {
        "/home/rose": ("home-rose.parcours", "", True),
        f"{layout.TEAMS}/parcours": ("team-parcours", "", True),
        f"{layout.RELEASES}/cohorte": ("releases", "cohorte", False),
    }


def test_a_claim_that_all_share_is_never_mounted_whole_nor_written(
    all_pods: list[dict[str, Any]],
) -> None:
    for pod in all_pods:
        for claim, folder, writable in mounts_of(pod).values():
            shared = claim in {"releases", "restricted"}
            assert bool(folder) == shared
            assert writable != shared
        for volume in pod["spec"]["volumes"]:
            if volume["name"] in {"releases", "restricted"}:
                assert volume["persistentVolumeClaim"]["readOnly"] is True


def test_two_people_never_share_a_home() -> None:
    """Also where a login and a project could be read as another login and another project."""
    names = {pods.home_claim_name(*one) for one in (("a-b", "c"), ("a", "b-c"), ("a", "b"))}
    assert len(names) == 3


def test_every_pod_is_of_its_owner(all_pods: list[dict[str, Any]]) -> None:
    for pod in all_pods:
        labels, spec = pod["metadata"]["labels"], pod["spec"]
        login, project = labels[pods.OWNER], labels[pods.PROJECT]
        uid = CLUSTER["accounts"][login]["uid"]
        context = spec["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"]) == (uid, uid)
        assert context["fsGroup"] == CLUSTER["gids"][project]
        readers = [CLUSTER["source_readers_gid"]] if project == "variations" else []
        assert context["supplementalGroups"] == [CLUSTER["gids"][project], *readers]
        assert pod["metadata"]["name"] == f"session-{login}"
        assert f"{login}:x:{uid}:{uid}:" in pod["metadata"]["annotations"][pods.PASSWD]
        assert ("openchronic-source" in pod["metadata"]["annotations"][pods.GROUP]) == bool(readers)


def test_every_pod_is_restricted_and_holds_no_token(all_pods: list[dict[str, Any]]) -> None:
    """As Pod Security's level `restricted` says, with a root that cannot be written besides."""
    kinds = {"emptyDir", "persistentVolumeClaim", "downwardAPI", "projected"}
    for pod in all_pods:
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["serviceAccountName"] == "session"
        assert spec["enableServiceLinks"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(spec)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        for volume in spec["volumes"]:
            (kind,) = set(volume) - {"name"}
            assert kind in kinds
            sources = volume.get("projected", {}).get("sources", ())
            assert all(set(one) == {"configMap"} for one in sources)
        assert container["image"].endswith(f"@{DIGEST}")
        assert spec["restartPolicy"] == "Never"


def test_a_node_keeps_memory_for_a_session_by_the_overcommit_of_its_site(tmp_path: Path) -> None:
    site = changed(tmp_path, lambda raw: raw["sessions"].update(memory_overcommit=4))
    pod = pod_of(site, "rose", site.projects[1], site.profiles[0])
    resources = pod["spec"]["containers"][0]["resources"]
    assert (resources["limits"]["memory"], resources["requests"]["memory"]) == (
        str(2 << 30),
        str(1 << 29),
    )


def test_claims_that_a_site_gives_are_mounted_by_their_names(tmp_path: Path) -> None:
    claims = {"releases": "publiees", "restricted": "zone"}
    site = changed(tmp_path, lambda raw: raw["cluster"].update(claims=claims))
    found = {
        one["persistentVolumeClaim"]["claimName"]
        for project in site.projects[:2]
        for one in pod_of(site, "rose", project, site.profiles[0])["spec"]["volumes"]
        if "persistentVolumeClaim" in one
    }
    assert {"publiees", "zone"} <= found
    assert not {"releases", "restricted"} & found


def test_a_pod_gets_what_its_profile_says_and_no_more(site: Settings) -> None:
    small, cards = site.profiles[0], site.profiles[2]
    container = pod_of(site, "rose", site.projects[1], small)["spec"]["containers"][0]
    assert container["resources"] == {
        "limits": {"memory": str(2 << 30), "cpu": "1000m"},
        "requests": {"memory": str(2 << 30), "cpu": "100m"},
    }
    pod = pod_of(site, "rose", site.projects[1], cards)
    limits = {"memory": str(16 << 30), "cpu": "4000m", "nvidia.com/gpu": "2"}
    assert pod["spec"]["containers"][0]["resources"]["limits"] == limits
    assert pod["spec"]["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    ]
    memory = {one["name"]: one["emptyDir"] for one in pod["spec"]["volumes"] if "emptyDir" in one}
    assert memory == {
        "tmp": {"medium": "Memory", "sizeLimit": str(4 << 30)},
        "shm": {"medium": "Memory", "sizeLimit": str(8 << 30)},
    }
    assert pod["spec"]["activeDeadlineSeconds"] > 168 * 3600, "the culler goes first"


def test_the_names_of_people_come_from_the_pod_itself(site: Settings) -> None:
    pod = pod_of(site, "rose", site.projects[0], site.profiles[0])
    (identity,) = [one for one in pod["spec"]["volumes"] if one["name"] == "identity"]
    paths = {one["path"]: one["fieldRef"]["fieldPath"] for one in identity["downwardAPI"]["items"]}
    assert paths == {
        "passwd": f"metadata.annotations['{pods.PASSWD}']",
        "group": f"metadata.annotations['{pods.GROUP}']",
    }
    mounted = {
        one["mountPath"]: one
        for one in pod["spec"]["containers"][0]["volumeMounts"]
        if one["name"] == "identity"
    }
    assert {path: one["subPath"] for path, one in mounted.items()} == {
        "/etc/passwd": "passwd",
        "/etc/group": "group",
    }
    assert all(one["readOnly"] for one in mounted.values())


def test_the_welcome_pages_have_their_folders(site: Settings) -> None:
    pod = pod_of(site, "rose", site.projects[0], site.profiles[0])
    (pages,) = [one for one in pod["spec"]["volumes"] if one["name"] == "onboarding"]
    assert pages["projected"]["sources"] == [
        {
            "configMap": {
                "name": "onboarding",
                "items": [
                    {"key": "bienvenue.md", "path": "bienvenue.md"},
                    {
                        "key": "notebooks__premiers-pas.ipynb",
                        "path": "notebooks/premiers-pas.ipynb",
                    },
                ],
            }
        }
    ]


def test_a_session_knows_its_broker_and_its_own_address(site: Settings) -> None:
    container = pod_of(site, "rose", site.projects[0], site.profiles[0])["spec"]["containers"][0]
    found = {one["name"]: one.get("value") or one["valueFrom"] for one in container["env"]}
    assert found["OPENCHRONIC_BROKER"] == CLUSTER["broker_url"]
    assert found["OPENCHRONIC_NAMESPACE"] == CLUSTER["namespace"]
    assert found["OPENCHRONIC_EXECUTORS"] == "8"
    assert found["OPENCHRONIC_POD_IP"]["fieldRef"]["fieldPath"] == "status.podIP"


def test_a_home_is_claimed_as_the_site_says(site: Settings, tmp_path: Path) -> None:
    rose = pods.find_account("rose", site)
    assert rose
    claim = pods.home_claim(rose, site.projects[0], site)
    assert claim["metadata"]["name"] == "home-rose.variations"
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": str(20 << 30)}},
    }
    homes = {"storage_class": "fast", "access_mode": "ReadWriteMany"}
    other = load_settings(write_cluster(tmp_path, cluster={**CLUSTER, "homes": homes}))
    spec = pods.home_claim(rose, site.projects[0], other)["spec"]
    assert (spec["storageClassName"], spec["accessModes"]) == ("fast", ["ReadWriteMany"])


def server_side(
    server: Settings, person: Person, project: Project, profile: Profile
) -> dict[str, Any]:
    """Return what a container of the server gets, in the words of the test below."""
    limits = sessions.host_config(profile, person, project, server)
    places = {
        target: not read_only
        for _, target, read_only in allowed_mounts(person, project, server)
        # The server's snapshots are of its own disk: on a cluster, those of the storage class.
        if not target.startswith(server.inside.snapshots)
    }
    return {
        "places": places,
        "memory": profile.memory_bytes,
        "cpus": profile.cpus,
        "shm": limits["shm_size"],
        "tmp": f"size={profile.memory_bytes // 4}" in limits["tmpfs"]["/tmp"],
        "groups": len(limits["group_add"]) - 1,  # that of all analysts
        "environment": sessions.environment(
            *(person, project, server), profile=profile, mine=server.projects, now=NOW
        ),
        "home": sessions.container_home(person),
    }


def cluster_side(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["spec"]["containers"]
    read_only = {
        one["name"]
        for one in pod["spec"]["volumes"]
        if (one.get("persistentVolumeClaim") or {}).get("readOnly")
    }
    sizes = {
        one["name"]: int(one["emptyDir"]["sizeLimit"])
        for one in pod["spec"]["volumes"]
        if "emptyDir" in one
    }
    memory = int(container["resources"]["limits"]["memory"])
    return {
        "places": {
            one["mountPath"]: not (one.get("readOnly") or one["name"] in read_only)
            for one in container["volumeMounts"]
            if one["name"] not in sizes
        },
        "memory": memory,
        "cpus": int(container["resources"]["limits"]["cpu"].removesuffix("m")) / 1000,
        "shm": sizes["shm"],
        "tmp": sizes["tmp"] == memory // 4,
        "groups": len(pod["spec"]["securityContext"]["supplementalGroups"]),
        "environment": {
            one["name"]: one["value"]
            for one in container["env"]
            if "value" in one
            and not one["name"].startswith(
                ("OPENCHRONIC_BROKER", "OPENCHRONIC_NAMESPACE", "OPENCHRONIC_EXECUTORS")
            )
        },
        "home": container["workingDir"],
    }


@pytest.mark.parametrize("login", ["rose", "claire", "alix"])
@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("size", ["petite", "grande"])
def test_a_pod_gets_what_a_container_of_the_server_gets(
    site: Settings, site_json: Callable[..., Path], login: str, at: int, size: str
) -> None:
    """Places, rights to write, limits, groups and variables: for each person, project and profile."""
    server = load_settings(site_json())
    profile = next(one for one in site.profiles if one.slug == size)
    uid = CLUSTER["accounts"][login]["uid"]
    person = Person(login=login, uid=uid, gid=uid, analysts_gid=1500)
    pod = pod_of(site, login, site.projects[at], profile)
    assert cluster_side(pod) == server_side(server, person, server.projects[at], profile)
