"""The chart's values: each is said, explained and used; a wrong one is refused, and a changed one changes what it means."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.charts.rendering import (
    CHART,
    NAMESPACE,
    WORK,
    ChartRefused,
    Manifest,
    changed,
    find,
    own_values,
    pods,
    rendered,
    rendered_text,
)

SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
TEXT = (CHART / "values.yaml").read_text(encoding="utf-8")
TEMPLATES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((CHART / "templates").rglob("*"))
    if path.is_file()
)
DIGEST = "sha256:" + "c" * 64


def _resolved(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in node:
        yield from _resolved(SCHEMA["definitions"][node["$ref"].rpartition("/")[2]])
    for one in (*node.get("anyOf", ()), *node.get("allOf", ())):
        yield from _resolved(one)
    if "properties" in node or "items" in node:
        yield node


def keys(node: dict[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the places of all keys of the schema; what a list holds is at its list's place."""
    for one in _resolved(node):
        for name, below in one.get("properties", {}).items():
            if (*place, name) != ("global",):
                yield (*place, name)
                yield from keys(below, (*place, name))
        if isinstance(one.get("items"), dict):
            yield from keys(one["items"], place)


# Tables that go into site.json as they are.
GIVEN_WHOLE = {("site", "help", "label"), ("site", "help", "address")}
KEYS = sorted(set(keys(SCHEMA)))


def test_the_schema_has_the_keys_that_the_contract_says() -> None:
    top = {one[0] for one in KEYS}
    assert {"site", "images", "web", "hub", "accounts", "projects", "profiles", "sessions"} <= top
    assert {"storage", "bases", "spark", "policies", "nodes"} <= top
    assert len(KEYS) > 100


@pytest.mark.parametrize("place", KEYS, ids=".".join)
def test_each_key_is_in_the_commented_values(place: tuple[str, ...]) -> None:
    assert re.search(rf"\b{place[-1]}\b", TEXT), f"values.yaml does not say {'.'.join(place)}"


@pytest.mark.parametrize("place", KEYS, ids=".".join)
def test_each_key_is_read_by_a_template(place: tuple[str, ...]) -> None:
    if place in GIVEN_WHOLE:
        place = place[:-1]
    assert re.search(rf"\.{place[-1]}\b", TEMPLATES), f"no template reads {'.'.join(place)}"


def test_each_value_is_one_of_the_schema() -> None:
    def places(node: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        if isinstance(node, dict) and place != ("images",):
            for name, below in node.items():
                yield (*place, name)
                yield from places(below, (*place, name))
        elif isinstance(node, list):
            for one in node:
                yield from places(one, place)

    assert set(places(yaml.safe_load(TEXT))) <= set(KEYS)


REFUSED: dict[str, dict[str, Any]] = {
    "an unknown key": {"nothing": 1},
    "an unknown key of a table": {"site.tilte": "x"},
    "an unknown key of an entry": {"profiles.0.memory": 2},
    "an image by a tag": {"images.web": "bigdata/web:latest"},
    "an image by a short digest": {"images.web": "bigdata/web@sha256:00"},
    "a site without https": {"site.url": "http://big-data.example/"},
    "an address without its last slash": {"site.url": "https://big-data.example"},
    "no web server": {"web.replicas": 0},
    "half a web server": {"web.replicas": 1.5},
    "another way in": {"web.exposure.kind": "hostPort"},
    "a port that is none": {"web.exposure.nodePort": 70000},
    "a network that is none": {"web.sources": ["everybody"]},
    "a proxy that is none": {"web.proxies": ["my-proxy"]},
    "no login": {"hub.logins.kind": "none"},
    "passwords of a server": {"hub.logins.kind": "pam"},
    "a login without end": {"hub.loginS": 0},
    "root's number": {"accounts.0.uid": 0},
    "a number of a system user": {"accounts.0.uid": 1000},
    "a login that is no name": {"accounts.0.login": "Alix Exemple"},
    "a login with a dot": {"accounts.0.login": "alix.exemple"},
    "a day that is none": {"accounts.0.end": "tomorrow"},
    "an account without an end": {"accounts.0": {"login": "alix", "uid": 1000123}},
    "a project's name with a dot": {"projects.0.slug": "a.b"},
    "a project's name that ends with a hyphen": {"projects.0.slug": "a-"},
    "root's group": {"projects.0.gid": 0},
    "a project of no size": {"projects.0.quotaGb": 0},
    "typed tables, perhaps": {"projects.0.sourceTables": "perhaps"},
    "no profile": {"profiles": []},
    "memory of nothing": {"profiles.0.memoryGb": 0},
    "memory in words": {"profiles.0.memoryGb": "2Gi"},
    "processors of nothing": {"profiles.0.cpus": 0},
    "fewer cards than none": {"profiles.0.gpus": -1},
    "less memory than there is": {"sessions.memoryOvercommit": 0.5},
    "sessions that stop at once": {"sessions.idle.cullAfterMinutes": 0},
    "an age of nothing": {"sessions.idle.greatestAgeHours": 0},
    "homes on many nodes, misspelt": {"storage.homes.accessMode": "ReadWriteAll"},
    "homes of no size": {"storage.homes.sizeGb": -1},
    "builds as root": {"storage.builder": 0},
    "readers as root's group": {"storage.sourceReaders": 0},
    "no base": {"bases": []},
    "a timer of systemd": {"bases.0.schedule": "Sat *-*-* 20:00:00"},
    "a store outside the zone": {"bases.0.store": "../other"},
    "a build of no memory": {"bases.0.build.memoryMi": 0},
    "patients of nobody": {"bases.0.synthetic.patients": 0},
    "fewer executors than none": {"spark.executors": -1},
    "disk of nothing": {"spark.scratchGb": 0},
    "an API server by its name": {"policies.apiServer": ["kubernetes"]},
    "no API server": {"policies.apiServer": []},
    "a resource that is none": {"nodes.gpuResource": "gpu"},
    "a policy of pulling that is none": {"pull.policy": "Sometimes"},
    "a page of another type": {"texts.pages": {"index.html": 1}},
    # What the schema cannot know.
    "a profile of an image that is not there": {"profiles.0.image": "nothing"},
    "a provider that is not said": {"hub.logins.kind": "oidc"},
    "a gateway that is not said": {"web.exposure.kind": "gateway"},
    "an ingress without a host name": {
        "web.exposure.kind": "ingress",
        "web.names.all": ["192.0.2.7", "localhost"],
    },
    "two people of one number": {"accounts.1.uid": 1000123},
    "two people of one name": {"accounts.1.login": "alix"},
    "a group of a person's number": {"projects.0.gid": 1000123},
    "two projects of one group": {"projects.1.gid": 2000456},
    "two projects of one name": {"projects.1.slug": "variations"},
    "readers of a person's number": {"storage.sourceReaders": 1000123},
    "builds with a person's number": {"storage.builder": 1000123},
    "a project of a base that is not there": {"projects.0.bases": ["cohorte"]},
    "a member without an account": {"projects.0.members.0.login": "nobody"},
    "a profile of a project that is not there": {"profiles.0.projects": ["nothing"]},
    "typed tables of a base that has none": {"bases.0.typed": False},
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_wrong_value_is_refused(what: str) -> None:
    with pytest.raises(ChartRefused) as said:
        rendered_text(changed(REFUSED[what]))
    # The message names the place, or the value's own word.
    places = [part for place in REFUSED[what] for part in place.split(".") if not part.isdigit()]
    assert any(part in str(said.value) for part in places), said.value


Made = tuple[Manifest, ...]


def told(made: Made) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(find(made, "ConfigMap", "site")["data"]["site.json"])
    return read


def pod(made: Made, name: str) -> dict[str, Any]:
    (found,) = (one["spec"] for one_name, _, one in pods(made) if one_name == name)
    return dict(found)


def env(made: Made, name: str) -> dict[str, Any]:
    return {one["name"]: one.get("value") for one in pod(made, name)["containers"][0]["env"]}


def size(made: Made, name: str, namespace: str = WORK) -> str:
    return str(
        find(made, "PersistentVolumeClaim", name, namespace)["spec"]["resources"]["requests"][
            "storage"
        ]
    )


def claim(made: Made, name: str, namespace: str = WORK) -> dict[str, Any]:
    return dict(find(made, "PersistentVolumeClaim", name, namespace)["spec"])


def admitted(made: Made) -> dict[str, str]:
    return dict(find(made, "ConfigMap", "admission")["data"])


def service(made: Made) -> dict[str, Any]:
    return dict(find(made, "Service", "web")["spec"])


MEANT: dict[str, tuple[dict[str, Any], Callable[[Made], bool]]] = {
    "title": ({"site.title": "Essai « & »"}, lambda made: told(made)["title"] == "Essai « & »"),
    "url": ({"site.url": "https://a.example/"}, lambda made: told(made)["url"] == "https://a.example/"),
    "administrators": ({"site.administrators": ["alix"]}, lambda made: told(made)["administrators"] == ["alix"]),
    "help": ({"site.help": [{"label": "x", "address": ""}]}, lambda made: told(made)["help"] == [{"label": "x", "address": ""}]),
    "session domain": ({"site.sessionDomain": "a.example"}, lambda made: env(made, "proxy")["HOST_ROUTING"] == "--host-routing"),
    "web image": ({"images.web": f"r.example:5000/w@{DIGEST}"}, lambda made: pod(made, "web")["containers"][0]["image"].startswith("r.example:5000/w@")),
    "session image": ({"images.jupyter": f"j@{DIGEST}".replace("j@", "jj@")}, lambda made: admitted(made)["images"] == f"jj@{DIGEST}"),
    "build image": ({"images.spark": f"sp@{DIGEST}"}, lambda made: pod(made, "build-demo")["containers"][0]["image"] == f"sp@{DIGEST}"),
    "pull policy": ({"pull.policy": "Never"}, lambda made: told(made)["cluster"]["pull_policy"] == pod(made, "hub")["containers"][0]["imagePullPolicy"] == "Never"),
    "pull secrets": ({"pull.secrets": ["r"]}, lambda made: pod(made, "hub")["imagePullSecrets"] == [{"name": "r"}] == find(made, "ServiceAccount", "session", WORK)["imagePullSecrets"]),
    "replicas": ({"web.replicas": 3}, lambda made: find(made, "Deployment", "web")["spec"]["replicas"] == 3),
    "one replica": ({"web.replicas": 1}, lambda made: not [one for one in made if one["kind"] == "PodDisruptionBudget"]),
    "node port": ({"web.exposure": {"kind": "nodePort", "nodePort": 30443}}, lambda made: service(made)["ports"][0]["nodePort"] == 30443 and service(made)["externalTrafficPolicy"] == "Local"),
    "load balancer": ({"web.exposure": {"kind": "loadBalancer"}, "web.sources": ["192.0.2.0/24"]}, lambda made: service(made)["loadBalancerSourceRanges"] == ["192.0.2.0/24"]),
    "load balancer's annotations": ({"web.exposure": {"kind": "loadBalancer", "annotations": {"a": "b"}}}, lambda made: find(made, "Service", "web")["metadata"]["annotations"] == {"a": "b"}),
    "ingress": ({"web.exposure": {"kind": "ingress", "className": "c"}}, lambda made: find(made, "Ingress", "web")["spec"]["ingressClassName"] == "c"),
    "gateway": ({"web.exposure": {"kind": "gateway", "gateway": "n/g"}}, lambda made: find(made, "TLSRoute", "web")["spec"]["parentRefs"] == [{"namespace": "n", "name": "g"}]),
    "no exposure": ({}, lambda made: service(made)["type"] == "ClusterIP"),
    "certificate": ({"web.tls.secret": "other"}, lambda made: pod(made, "web")["volumes"][2]["projected"]["sources"][1]["secret"]["name"] == "other"),
    "names": ({"web.names.all": ["a.example", "[2001:db8::7]"]}, lambda made: find(made, "ConfigMap", "web-site")["data"]["names.conf"] == "server_name a.example [2001:db8::7];\n"),
    "session paths": ({"web.sessionPaths": "lab"}, lambda made: "(?:lab)" in find(made, "ConfigMap", "web-site")["data"]["paths.conf"]),
    "login's length": ({"hub.loginS": 3600}, lambda made: told(made)["login_s"] == 3600),
    "demonstration": ({}, lambda made: told(made)["cluster"]["demonstration"] is True and "DEMONSTRATION_PASSWORD" in env(made, "hub")),
    "an account's end": ({"accounts.0.end": "2030-01-01"}, lambda made: told(made)["cluster"]["accounts"]["alix"]["end"] == "2030-01-01"),
    "an account's number": ({"accounts.0.uid": 268000000}, lambda made: admitted(made)["uid.alix"] == "268000000" and told(made)["cluster"]["accounts"]["alix"]["uid"] == 268000000),
    "an account less": ({"accounts": [{"login": "demo", "uid": 1000124, "end": "2099-12-31"}], "projects.1.members": []}, lambda made: "owner-alix" not in {one["metadata"]["name"] for one in made} and "uid.alix" not in admitted(made)),
    "a project's group": ({"projects.0.gid": 2000999}, lambda made: admitted(made)["gid.variations"] == "2000999" and told(made)["cluster"]["gids"]["variations"] == 2000999),
    "a project's folder": ({"projects.0.quotaGb": 0.25}, lambda made: size(made, "team-variations") == "256Mi"),
    "a project's bases": ({"projects.1.bases": []}, lambda made: admitted(made)["bases.parcours"] == "" and told(made)["projects"][1]["bases"] == []),
    "a project's typed tables": ({"projects.0.sourceTables": False}, lambda made: "stores.variations" not in admitted(made)),
    "a member's days": ({"projects.0.members": [{"login": "demo", "first": "2026-01-01", "last": None}]}, lambda made: told(made)["projects"][0]["members"] == {"demo": {"first": "2026-01-01", "last": None}}),
    "a project's days": ({"projects.0.period": {"first": None, "last": "2030-01-01"}}, lambda made: told(made)["projects"][0]["period"] == {"first": None, "last": "2030-01-01"}),
    "a profile's memory": ({"profiles.0.memoryGb": 6.5}, lambda made: admitted(made)["memory"] == "6656Mi" and told(made)["profiles"][0]["memory_gb"] == 6.5),
    "a profile's processors": ({"profiles.0.cpus": 2.5}, lambda made: admitted(made)["cpu"] == "2500m"),
    "a profile's cards": ({"profiles.0.gpus": 2}, lambda made: admitted(made)["gpus"] == "2" and told(made)["profiles"][0]["gpus"] == 2),
    "a profile's shared memory": ({"profiles.0.shmGb": 1}, lambda made: told(made)["profiles"][0]["shm_gb"] == 1),
    "a profile's projects": ({"profiles.0.projects": ["parcours"]}, lambda made: told(made)["profiles"][0]["projects"] == ["parcours"]),
    "overcommit": ({"sessions.memoryOvercommit": 4}, lambda made: told(made)["sessions"]["memory_overcommit"] == 4),
    "memory of all": ({"sessions.memoryGb": 64}, lambda made: find(made, "ResourceQuota", "sessions", WORK)["spec"]["hard"] == {"requests.memory": f"{64 * 1024 + 2560}Mi"} and told(made)["cluster"]["memory_gb"] == 64),
    "memory of one": ({"sessions.userGb": 8}, lambda made: told(made)["sessions"]["user_gb"] == 8),
    "idle": ({"sessions.idle.cullAfterMinutes": 30}, lambda made: env(made, "culler")["CULL_AFTER_S"] == "1800" and told(made)["idle"]["cull_after_minutes"] == 30),
    "how often idle is looked at": ({"sessions.idle.checkEveryMinutes": 0.5}, lambda made: env(made, "culler")["CHECK_EVERY_S"] == "30"),
    "greatest age": ({"sessions.idle.greatestAgeHours": 24}, lambda made: env(made, "culler")["GREATEST_AGE_S"] == "86400" and told(made)["idle"]["greatest_age_hours"] == 24),
    "homes": ({"storage.homes": {"storageClass": "fast", "accessMode": "ReadWriteMany", "sizeGb": 3}}, lambda made: told(made)["cluster"]["homes"] == {"storage_class": "fast", "access_mode": "ReadWriteMany"} and told(made)["cluster"]["home_gb"] == 3 and admitted(made)["home"] == "3072Mi"),
    "teams": ({"storage.teams": {"storageClass": "slow", "accessMode": "ReadWriteOnce"}}, lambda made: claim(made, "team-parcours")["storageClassName"] == "slow" and claim(made, "team-parcours")["accessModes"] == ["ReadWriteOnce"]),
    "releases": ({"storage.releases": {"storageClass": "s", "accessMode": "ReadWriteOnce", "sizeGb": 1.5}}, lambda made: size(made, "releases") == "1536Mi" and claim(made, "releases")["storageClassName"] == "s"),
    "typed tables": ({"storage.restricted.sizeGb": 2}, lambda made: size(made, "restricted") == "2048Mi"),
    "the hub's state": ({"storage.hubState.sizeGb": 5}, lambda made: size(made, "hub-state", NAMESPACE) == "5120Mi"),
    "the builder": ({"storage.builder": 1234567}, lambda made: pod(made, "build-demo")["securityContext"]["runAsUser"] == 1234567),
    "readers": ({"storage.sourceReaders": 7654321}, lambda made: "--store-group=7654321" in pod(made, "build-demo")["containers"][0]["args"] and pod(made, "build-demo")["securityContext"]["supplementalGroups"] == [7654321] and told(made)["cluster"]["source_readers_gid"] == 7654321),
    "a schedule": ({"bases.0.schedule": "5 4 * * 1"}, lambda made: find(made, "CronJob", "build-demo", WORK)["spec"]["schedule"] == "5 4 * * 1"),
    "a time zone": ({"bases.0.timeZone": "Europe/Paris"}, lambda made: find(made, "CronJob", "build-demo", WORK)["spec"]["timeZone"] == "Europe/Paris"),
    "a source": ({"bases.0.source": {"accessMode": "ReadWriteOnce", "sizeGb": 7, "storageClass": None}}, lambda made: size(made, "source-demo") == "7168Mi"),
    "a delivered source": ({"bases.0.synthetic": None}, lambda made: pod(made, "build-demo")["containers"][0]["args"][1] == "/source" and [one["name"] for one in pod(made, "build-demo")["initContainers"]] == ["folders-demo"]),
    "a base without readers": ({"bases.0.typed": False, "projects.0.sourceTables": False}, lambda made: not any("store-group" in one for one in pod(made, "build-demo")["containers"][0]["args"])),
    "a build's means": ({"bases.0.build": {"memoryMi": 5000, "cpus": 4, "options": ["--threads", "4"]}}, lambda made: pod(made, "build-demo")["containers"][0]["resources"]["limits"] == {"cpu": "4", "memory": "5000Mi"} and pod(made, "build-demo")["containers"][0]["args"][-2:] == ["--threads", "4"]),
    "a base's key": ({"bases.0.keySecret": "k"}, lambda made: pod(made, "build-demo")["volumes"][3]["secret"]["secretName"] == "k"),
    "executors": ({"spark.executors": 2, "spark.scratchGb": 5}, lambda made: told(made)["cluster"]["executors"] == 2 and told(made)["cluster"]["scratch_gb"] == 5),
    "the API server": ({"policies.apiServer": ["10.0.0.5/32"], "policies.apiServerPorts": [6443]}, lambda made: find(made, "NetworkPolicy", "broker")["spec"]["egress"][1] == {"to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}], "ports": [{"protocol": "TCP", "port": 6443}]}),
    "DNS": ({"policies.dns": {"namespace": "dns", "labels": {"app": "d"}}}, lambda made: find(made, "NetworkPolicy", "names")["spec"]["egress"][0]["to"][0]["podSelector"]["matchLabels"] == {"app": "d"}),
    "nodes of services": ({"nodes.services": {"a": "b"}}, lambda made: all(pod(made, one)["nodeSelector"] == {"a": "b"} for one in ("web", "hub", "proxy", "culler", "broker")) and "nodeSelector" not in pod(made, "build-demo")),
    "nodes of sessions": ({"nodes.sessions": {"a": "b"}}, lambda made: told(made)["cluster"]["node_selector"] == {"a": "b"}),
    "nodes of builds": ({"nodes.builds": {"a": "b"}}, lambda made: pod(made, "build-demo")["nodeSelector"] == {"a": "b"}),
    "cards": ({"nodes.gpuResource": "nvidia.com/mig-1g.10gb"}, lambda made: told(made)["cluster"]["gpu_resource"] == "nvidia.com/mig-1g.10gb"),
    "pages": ({"texts.pages": {"404.html": "<p>"}}, lambda made: find(made, "ConfigMap", "web-pages")["data"] == {"404.html": "<p>"}),
    "the charter": ({"texts.onboarding": {"charte.md": "# x"}}, lambda made: find(made, "ConfigMap", "charter")["data"] == {"charte.md": "# x"} and find(made, "ConfigMap", "onboarding", WORK)["data"]["charte.md"] == "# x"),
}  # fmt: skip


@pytest.mark.parametrize("what", MEANT)
def test_a_changed_value_is_rendered_as_meant(what: str) -> None:
    changes, holds = MEANT[what]
    assert holds(rendered(changed(changes)))


def test_a_changed_value_changes_something() -> None:
    """What holds of a changed value does not hold of the chart's own."""
    own = rendered(own_values())
    for what, (changes, holds) in MEANT.items():
        if changes:
            try:
                assert not holds(own), what
            except (KeyError, ValueError, IndexError):
                continue


def test_there_are_as_many_as_were_promised() -> None:
    assert len(REFUSED) + len(MEANT) >= 60
