"""The chart as a whole: helm takes it, for its own values and for those of sites, and its parts are whole."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from infra.operations.checkout import version
from infra.settings.settings_file import ROOT
from tests.charts.rendering import (
    CHART,
    NAMESPACE,
    WORK,
    changed,
    containers,
    find,
    own_manifests,
    pods,
    rendered,
    rendered_text,
)
from tests.charts.site_values import rendered_sites, sites

SITES = sites()
ALL = {**SITES, **rendered_sites()}
BY_DIGEST = re.compile(r"^\S+@sha256:[0-9a-f]{64}$")


@pytest.fixture(scope="module", params=list(ALL))
def site(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    return ALL[str(request.param)]


def test_helm_finds_nothing_wrong_with_the_chart() -> None:
    assert "0 chart(s) failed" in rendered_text(lint=True)


def test_helm_renders_a_site(site: Mapping[str, Any]) -> None:
    assert len(rendered(site)) > 40


def test_all_that_is_made_has_its_labels_and_its_namespace() -> None:
    made = own_manifests()
    names = [
        (one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in made
    ]
    assert len(set(names)) == len(names)
    for one in made:
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "bigdata"
        assert labels["app.kubernetes.io/instance"] == "bigdata"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["app.kubernetes.io/component"] in COMPONENTS
        of_the_cluster = one["kind"] == "Namespace" or one["kind"].startswith("ValidatingAdmission")
        assert one["metadata"].get("namespace") in ({None} if of_the_cluster else {NAMESPACE, WORK})


COMPONENTS = {"web", "hub", "proxy", "culler", "broker", "session", "build"}


def test_no_kind_is_one_that_a_cluster_must_be_taught() -> None:
    kinds = {one["kind"] for one in own_manifests()}
    assert "CustomResourceDefinition" not in kinds
    assert not (CHART / "crds").exists()


def test_each_pod_has_an_image_by_digest_and_its_limits(site: Mapping[str, Any]) -> None:
    found = list(pods(rendered(site)))
    services = {name for name, _, _ in found if not name.startswith(("folders-", "build-"))}
    assert services == {"web", "hub", "proxy", "culler", "broker"}
    builds = {name for name, _, _ in found if name.startswith("build-")}
    assert builds == {f"build-{base['slug']}" for base in site["bases"]}
    for name, _, pod in found:
        for one in containers(pod):
            assert BY_DIGEST.match(one["image"]), name
            assert one["resources"]["limits"].keys() == {"cpu", "memory"}, name
            asked = one["resources"]["requests"]
            assert asked["memory"] == one["resources"]["limits"]["memory"], name
            assert "cpu" in asked, name


def test_each_service_is_asked_whether_it_lives() -> None:
    without = {
        name
        for name, _, pod in pods(own_manifests())
        for one in pod["spec"]["containers"]
        if not {"startupProbe", "readinessProbe", "livenessProbe"} <= one.keys()
    }
    # The culler serves nothing and ends by itself; what makes folders or builds ends.
    assert {one for one in without if not one.startswith("folders-")} == {"culler", "build-demo"}


def test_a_folder_that_a_pod_writes_to_has_its_limit() -> None:
    for name, _, pod in pods(own_manifests()):
        for volume in pod["spec"]["volumes"]:
            if "emptyDir" in volume:
                assert "sizeLimit" in volume["emptyDir"], name


def test_what_would_write_one_volume_twice_is_never_there_twice() -> None:
    for name in ("hub", "proxy", "broker"):
        spec = find(own_manifests(), "Deployment", name)["spec"]
        assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")


def test_only_hub_and_broker_hold_a_token_of_the_cluster() -> None:
    holders = {
        name
        for name, _, pod in pods(own_manifests())
        if pod["spec"]["automountServiceAccountToken"]
    }
    assert holders == {"hub", "broker"}
    for one in own_manifests():
        if one["kind"] == "ServiceAccount":
            assert one["automountServiceAccountToken"] is False, one["metadata"]["name"]


def test_hub_and_broker_have_rights_in_the_work_namespace_alone_and_read_no_secret() -> None:
    made = own_manifests()
    assert not [one for one in made if one["kind"] in {"ClusterRole", "ClusterRoleBinding"}]
    roles = {one["metadata"]["name"]: one for one in made if one["kind"] == "Role"}
    assert {one["metadata"]["namespace"] for one in roles.values()} == {WORK}
    rights = {
        name: {
            (resource, verb)
            for rule in one["rules"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }
        for name, one in roles.items()
    }
    of_pods = {("pods", verb) for verb in ("get", "list", "watch", "create", "delete")}
    of_claims = {("persistentvolumeclaims", verb) for verb in ("get", "list", "create")}
    assert rights == {"hub": of_pods | of_claims, "broker": of_pods}
    for one in made:
        if one["kind"] == "RoleBinding":
            name = one["metadata"]["name"]
            assert one["roleRef"]["name"] == name
            assert one["subjects"] == [
                {"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}
            ]


def test_data_stay_when_the_release_goes(site: Mapping[str, Any]) -> None:
    kept = [one for one in rendered(site) if one["kind"] in {"PersistentVolumeClaim", "Namespace"}]
    assert len(kept) >= 4
    for one in kept:
        assert one["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_what_admits_pods_stays_with_its_parameters_when_the_release_goes() -> None:
    """An API server that has seen parameters go finds them no more until it restarts."""
    policies = [one for one in own_manifests() if one["kind"].startswith("ValidatingAdmission")]
    assert len(policies) == 8
    for one in (*policies, find(own_manifests(), "ConfigMap", "admission")):
        assert one["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_claims_that_a_site_gives_are_not_made_again() -> None:
    made = rendered(SITES["given claims"])
    claims = {one["metadata"]["name"] for one in made if one["kind"] == "PersistentVolumeClaim"}
    assert claims == {"hub-state", "team-variations", "team-parcours"}
    ((_, _, build),) = (one for one in pods(made) if one[0] == "build-demo")
    named = {
        one["name"]: one["persistentVolumeClaim"]["claimName"]
        for one in build["spec"]["volumes"]
        if "persistentVolumeClaim" in one
    }
    assert named == {
        "source": "their-delivery",
        "releases": "their-releases",
        "restricted": "their-zone",
    }


def test_folders_that_sessions_mount_are_made_before_the_first_build() -> None:
    """A read-only claim whose folder is missing could not be mounted by a session."""
    ((name, space, pod),) = (one for one in pods(own_manifests()) if one[0].startswith("folders-"))
    assert space == WORK
    (made,) = pod["spec"]["containers"]
    told = {one["name"]: one["value"] for one in made["env"]}
    assert told["BASE"] == "demo"
    assert told["STORE"] == "demo/openchronic-demo-store"
    assert told["STORE"].partition("/")[2] in told["ZONE"].split()
    other = rendered(changed({"bases.0.zone": ["openchronic-demo-store"]}))
    assert name not in {one for one, _, _ in pods(other)}, "a Job cannot be changed"


def test_a_build_cannot_change_what_was_delivered() -> None:
    for values in SITES.values():
        ((_, _, build),) = (one for one in pods(rendered(values)) if one[0] == "build-demo")
        (container,) = build["spec"]["containers"]
        (source,) = (one for one in container["volumeMounts"] if one["name"] == "source")
        assert source["readOnly"] is True


def test_a_changed_setting_starts_what_reads_it_again() -> None:
    before, after = own_manifests(), rendered(SITES["own hosts"])
    for name, annotation in (("web", "configuration"), ("hub", "site"), ("broker", "site")):
        sums = {
            find(made, "Deployment", name)["spec"]["template"]["metadata"]["annotations"][f"checksum/{annotation}"]
            for made in (before, after)
        }  # fmt: skip
        assert len(sums) == 2, name


def test_welcome_pages_have_the_keys_that_the_hub_asks_for() -> None:
    pages = find(own_manifests(), "ConfigMap", "onboarding", WORK)["data"]
    told = json.loads(find(own_manifests(), "ConfigMap", "site")["data"]["site.json"])
    paths = told["cluster"]["onboarding"]["onboarding"]
    assert {path.replace("/", "__") for path in paths} == set(pages)
    notebook = "notebooks/premiers-pas.ipynb"
    text = (ROOT / "onboarding" / notebook).read_text(encoding="utf-8")
    assert pages[notebook.replace("/", "__")] == text
    assert sum(len(text.encode()) for text in pages.values()) < 2**20


def test_a_site_has_its_own_welcome_pages_beside_ours() -> None:
    pages = find(rendered(SITES["alone"]), "ConfigMap", "onboarding", WORK)["data"]
    assert pages["notebooks__a.ipynb"] == "{}"
    assert "bienvenue.md" in pages


def test_the_charter_that_is_accepted_is_the_one_that_sessions_show() -> None:
    charter = find(own_manifests(), "ConfigMap", "charter")["data"]["charte.md"]
    assert charter == (ROOT / "onboarding/charte.md").read_text(encoding="utf-8")


def test_values_are_short_and_the_chart_is_of_this_kind() -> None:
    assert len((CHART / "values.yaml").read_text(encoding="utf-8").splitlines()) <= 150
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert (chart["apiVersion"], chart["name"]) == ("v2", "bigdata")
    assert chart["version"] == version()


def test_a_new_version_alone_starts_no_pod_again() -> None:
    for name, _, pod in pods(own_manifests()):
        assert version() not in str(pod["metadata"]["labels"]), name
