"""The same site on a server and on a cluster: the two renderers give the same people the same things, and no more."""

import datetime
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cluster.chart import CHART, manifests
from infra.cluster.reaching import Cluster
from infra.cluster.render import values
from infra.cluster.values_file import written
from infra.components import firewall, jupyterhub
from infra.components.web import site_files
from infra.components.web.certificates import Certificate
from infra.settings import layout
from infra.settings.grants import site_grants
from infra.settings.image_graph import GRAPH
from tests.infra.cluster.facts import of_chart, of_server, of_values, without_smoke
from tests.infra.cluster.pairs import PAIRS, Pair
from tests.infra.cluster.reachability import Outside, Pod, Policy, pod, reaches

needs_chart = pytest.mark.skipif(
    not (CHART / "Chart.yaml").is_file(), reason="the chart is not in this checkout"
)
each_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
DAY = datetime.datetime(2026, 9, 1, 12, tzinfo=datetime.UTC)


def rendered(pair: Pair, folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the values of the cluster's file, and the chart's objects."""
    site = pair.cluster(folder)
    given = values(site, images={})
    objects = [one for one in yaml.safe_load_all(manifests(Cluster(site), given)) if one]
    return yaml.safe_load(written(given)), objects


def site_json(objects: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = (
        one["data"]["site.json"]
        for one in objects
        if one["kind"] == "ConfigMap" and "site.json" in one["data"]
    )
    read: dict[str, Any] = json.loads(found)
    return read


@each_pair
def test_both_give_the_same_profiles_limits_projects_and_readers(
    pair: Pair, tmp_path: Path
) -> None:
    server = without_smoke(of_server(pair.server(tmp_path)))
    given = yaml.safe_load(written(values(pair.cluster(tmp_path), images={})))
    assert without_smoke(of_values(given)) == server


@needs_chart
@each_pair
def test_the_hub_of_the_chart_is_told_what_that_of_a_server_is_told(
    pair: Pair, tmp_path: Path
) -> None:
    given, objects = rendered(pair, tmp_path)
    told = of_chart(site_json(objects), given)
    assert without_smoke(told) == without_smoke(of_server(pair.server(tmp_path)))


@each_pair
def test_a_cluster_has_an_image_by_digest_for_each_profile(pair: Pair, tmp_path: Path) -> None:
    site = pair.cluster(tmp_path)
    images = values(site, images={}).images
    of_profiles = {profile.image for profile in pair.server(tmp_path).profiles.values()}
    assert set(images) == {"web", "jupyterhub", "spark"} | of_profiles
    assert of_profiles <= set(GRAPH.of_sessions)
    assert all("@sha256:" in reference for reference in images.values())


@each_pair
def test_the_web_server_answers_to_the_same_names_and_opens_the_same_paths(
    pair: Pair, tmp_path: Path
) -> None:
    site = pair.server(tmp_path)
    paths = GRAPH.paths([profile.image for profile in site.profiles.values()])
    files = site_files(
        site.server, Certificate(chain=b"", key=b""), sessions="172.30.0.0/24", session_paths=paths
    )
    web = values(pair.cluster(tmp_path), images={}).web
    for name, there in (
        ("names.conf", web.names.all),
        ("hub-names.conf", web.names.hub),
        ("other-names.conf", web.names.other),
    ):
        said = set(files[name].content.decode().rstrip(";\n").split()[1:])
        # A pod is not reached by the loopback of IPv6.
        assert said - {"[::1]"} == set(there), name
    assert any(web.session_paths in file.content.decode() for file in files.values())


@needs_chart
@each_pair
def test_a_session_has_the_same_things_mounted_to_read_and_to_write(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by the hub's own code: what Docker mounts in a container, and the cluster in a pod."""
    monkeypatch.syspath_prepend("jupyterhub-conf")
    try:
        pods: Any = importlib.import_module("pods")
    except ModuleNotFoundError:
        pytest.skip("the hub of this checkout makes no pods")
    sessions: Any = importlib.import_module("sessions")
    hub: Any = importlib.import_module("settings")
    site = pair.server(tmp_path)
    docker = hub.Settings.model_validate(
        json.loads(json.dumps(jupyterhub.session_settings(site, site_grants(site))))
    )
    cluster = hub.Settings.model_validate(site_json(rendered(pair, tmp_path)[1]))
    profile = next(iter(cluster.profiles))
    compared = 0
    theirs = {one.slug: one for one in docker.projects}
    for project in cluster.projects:
        for login in project.members:
            person = pods.find_account(login, cluster)
            made = pods.session_pod(
                person, project, profile, cluster, mine=[project], now=DAY, environment={}
            )
            found = {
                one["mountPath"]: bool(one.get("readOnly"))
                for one in made["spec"]["containers"][0]["volumeMounts"]
            }
            wanted = {
                one["target"]: bool(one["read_only"])
                for one in sessions.mounts(person, theirs[project.slug], docker)
            }
            # A pod's memory disks are Docker's tmpfs, and the storage class makes snapshots, or none.
            memory = {path: found.pop(path) for path in ("/tmp", "/dev/shm")}
            assert not any(memory.values())
            del wanted[f"{layout.SNAPSHOTS}/{project.slug}"]
            assert found == wanted
            compared += 1
    assert compared >= (1 if pair.oidc or pair.people == "drees" else 2)


# What may be reached, by name: the rest may not.
OPEN = {
    ("anybody", "the web server"),
    ("a session", "the hub's API"),
    ("a session", "its executors"),
}
PROVIDER = ("the hub", "the provider of logins")


def of_a_server(pair: Pair, folder: Path) -> set[tuple[str, str]]:
    """Return who reaches whom on a server: what its rules, its builds and its hub's unit let through."""
    site = pair.server(folder)
    rules = [line.strip() for line in firewall.rules(site).splitlines()]
    found = set()
    of_sessions = [line for line in rules if f'iifname "{layout.SESSIONS_BRIDGE}"' in line]
    accepted = [line for line in of_sessions if line.endswith("accept") and "oifname" not in line]
    assert all(f"tcp dport {layout.SESSIONS_API_PORT}" in line for line in accepted)
    if accepted:
        found.add(("a session", "the hub's API"))
    # Packets between sessions pass the first table, and end in that of the bridge.
    if not {
        f"ip saddr {site.network.sessions} drop",
        f"ip daddr {site.network.sessions} drop",
    } <= set(rules):
        found.add(("a session", "another's session"))
    if f'iifname "{layout.SESSIONS_BRIDGE}" drop' not in rules:
        found |= {("a session", "the Internet"), ("a session", "the machine itself")}
    if f'oifname "{layout.SESSIONS_BRIDGE}" drop' not in rules:
        found.add(("anybody", "a session"))
    if "tcp dport { 80, 443 } accept" in rules:
        found.add(("anybody", "the web server"))
    if "--network none" not in (Path("infra/components/openchronic/files/run")).read_text():
        found.add(("a build", "the Internet"))
    unit = jupyterhub.unit_files(site)[layout.HUB_UNIT].content.decode()
    (allowed,) = (line for line in unit.splitlines() if line.startswith("IPAddressAllow="))
    if "10.20.0.5/32" in allowed:
        found.add(PROVIDER)
    # Executors of Spark and Dask are processes in the session.
    return found | {("a session", "its executors")}


def of_a_cluster(pair: Pair, folder: Path) -> set[tuple[str, str]]:
    _, objects = rendered(pair, folder)
    policies: list[Policy] = [one for one in objects if one["kind"] == "NetworkPolicy"]
    services, work = "bigdata", "bigdata-work"
    mine, others = (pod(work, "session", owner) for owner in pair.owners)
    world, machine, provider = Outside("192.0.2.7"), Outside("10.0.0.1"), Outside("10.20.0.5")
    web, hub = pod(services, "web"), pod(services, "hub")
    ports = (
        22,
        53,
        80,
        443,
        6443,
        7078,
        7079,
        8000,
        8001,
        8080,
        8081,
        8090,
        8443,
        8786,
        8790,
        8888,
        10250,
    )
    tried: dict[tuple[str, str], tuple[Pod | Outside, Pod | Outside]] = {
        ("anybody", "the web server"): (world, web),
        ("anybody", "the hub"): (world, hub),
        ("anybody", "a session"): (world, mine),
        ("a session", "another's session"): (mine, others),
        ("a session", "its executors"): (mine, pod(work, "executor", pair.owners[0])),
        ("a session", "another's executors"): (mine, pod(work, "executor", pair.owners[1])),
        ("a session", "the hub itself"): (mine, hub),
        ("a session", "the broker itself"): (mine, pod(services, "broker")),
        ("a session", "the proxy itself"): (mine, pod(services, "proxy")),
        ("a session", "the Internet"): (mine, world),
        ("a session", "the machine itself"): (mine, machine),
        ("a build", "the Internet"): (pod(work, "build"), world),
        ("a build", "a session"): (pod(work, "build"), mine),
        PROVIDER: (hub, provider),
        ("the hub", "the Internet"): (hub, world),
    }  # fmt: skip
    found = {
        who
        for who, (source, target) in tried.items()
        if any(reaches(policies, source, target, port) for port in ports)
    }
    open_ports = [port for port in ports if reaches(policies, mine, web, port)]
    assert open_ports in ([], [layout.SESSIONS_API_PORT])
    return found | ({("a session", "the hub's API")} if open_ports else set())


@needs_chart
@each_pair
def test_the_same_people_and_programs_reach_each_other(pair: Pair, tmp_path: Path) -> None:
    wanted = OPEN | ({PROVIDER} if pair.oidc else set())
    assert of_a_server(pair, tmp_path) == wanted
    assert of_a_cluster(pair, tmp_path) == wanted
