"""Renders the chart with a site's values: the manifests that helm would send."""

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


def names(manifest: str) -> list[Name]:
    """Return the objects of a manifest, sorted; their namespace is empty where they name none."""
    found: list[dict[str, Any]] = [one for one in yaml.safe_load_all(manifest) if one]
    return sorted(
        Name(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
        for one in found
    )
