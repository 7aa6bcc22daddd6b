"""Each manifest is one that the versions of Kubernetes which the chart allows would take."""

import copy
import json
from collections.abc import Callable

import pytest
import yaml

from tests.charts.rendering import CHART, WORK, Manifest, find, own_manifests, rendered
from tests.charts.schemas import SERVED, wrong
from tests.charts.site_values import rendered_sites, sites

# Of the Gateway API, which no version of Kubernetes brings.
BROUGHT_BY_THE_CLUSTER = {"TLSRoute"}


@pytest.mark.parametrize("version", SERVED)
def test_kubernetes_takes_each_manifest(version: str) -> None:
    seen: set[str] = set()
    # Sites' own files make the same kinds of objects: those of one version say it.
    more = rendered_sites() if version == SERVED[1] else {}
    for values in (*sites().values(), *more.values()):
        for manifest in rendered(values):
            text = json.dumps(manifest)
            if manifest["kind"] in BROUGHT_BY_THE_CLUSTER or text in seen:
                continue
            seen.add(text)
            assert wrong(manifest, version=version) == ""
    assert len(seen) > 60


def test_the_chart_allows_these_versions_and_no_other() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    first, last = SERVED[0], SERVED[-1]
    major, minor = last.split(".")
    assert chart["kubeVersion"] == f">={first}.0-0 <{major}.{int(minor) + 1}.0-0"


def _misspelt(manifest: Manifest) -> None:
    spec = manifest["spec"]["template"]["spec"]
    spec["automountServiceAcountToken"] = spec.pop("automountServiceAccountToken")


def _of_another_type(manifest: Manifest) -> None:
    manifest["spec"]["replicas"] = "1"


def _missing(manifest: Manifest) -> None:
    del manifest["spec"]["template"]["spec"]["containers"]


@pytest.mark.parametrize("version", SERVED)
@pytest.mark.parametrize("broken", [_misspelt, _of_another_type, _missing])
def test_a_wrong_manifest_is_noticed(version: str, broken: Callable[[Manifest], None]) -> None:
    manifest = copy.deepcopy(find(own_manifests(), "Deployment", "hub"))
    assert wrong(manifest, version=version) == ""
    broken(manifest)
    assert wrong(manifest, version=version) != ""


def test_a_size_is_one_that_kubernetes_reads() -> None:
    claims = [one for one in own_manifests() if one["kind"] == "PersistentVolumeClaim"]
    sizes = {
        one["metadata"]["name"]: one["spec"]["resources"]["requests"]["storage"] for one in claims
    }
    assert sizes["releases"] == "10240Mi"
    assert find(own_manifests(), "PersistentVolumeClaim", "team-parcours", WORK)
