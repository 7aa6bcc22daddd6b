"""Renders the chart with a site's values: the manifests that helm would send."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.cluster.reaching import RELEASE, Cluster
from infra.cluster.values import Values
from infra.cluster.values_file import written
from infra.settings.settings_file import ROOT

# Ten times as fast, where PyYAML was built with it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CHART = ROOT / "charts" / "bigdata"


@dataclass(frozen=True, order=True)
class Name:
    """Which object of a cluster a manifest is about."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f" in {self.namespace}" if self.namespace else ""
        return f"{self.kind} {self.name}{place}"


@contextmanager
def values_file(values: Values) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "values.yaml")
        place.write_text(written(values), encoding="utf-8")
        yield place


def manifests(cluster: Cluster, values: Values) -> str:
    """Return the chart's objects for these values, as YAML. Raises ClusterError where the chart refuses them."""
    with values_file(values) as place:
        return cluster.helm("template", RELEASE, str(CHART), "--values", str(place), "--no-hooks")


def read(manifest: str) -> list[dict[str, Any]]:
    """Return the objects of a manifest."""
    return [one for one in yaml.load_all(manifest, Loader=LOADER) if one]


def as_helm_sends(manifest: str, cluster: Cluster) -> str:
    """Return the objects with the annotations that helm adds, as a list in JSON."""
    added = {
        "meta.helm.sh/release-name": RELEASE,
        "meta.helm.sh/release-namespace": cluster.namespace,
    }
    objects = read(manifest)
    for one in objects:
        one["metadata"]["annotations"] = (one["metadata"].get("annotations") or {}) | added
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def names(manifest: str) -> list[Name]:
    """Return the objects of a manifest, sorted; their namespace is empty where they name none."""
    return sorted(
        Name(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
        for one in read(manifest)
    )
