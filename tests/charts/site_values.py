"""Values to render the chart with: its own, one of each way in which a site may differ, and those of sites' own files."""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.cluster.render import values
from infra.cluster.values_file import written
from infra.settings.cluster_file import load_cluster_site
from tests.charts.rendering import changed, own_values
from tests.infra.cluster.pairs import PAIRS

DOMAIN = "big-data.example"
DIGEST = "sha256:" + "a" * 64
OIDC = {
    "issuer": "https://login.example",
    "clientId": "bigdata",
    "usernameClaim": "preferred_username",
    "groupClaim": None,
    "groups": [],
    "acr": [],
    "amr": [],
    "scopes": ["profile"],
    "logout": True,
}
# Helm merges tables: null takes a value of the chart's own away.
NONE_OF_OURS = {"storageClass": None, "accessMode": None, "sizeGb": None}
CARD = {"slug": "cartes", "title": "Cartes", "image": "pytorch-gpu", "memoryGb": 64, "cpus": 8, "gpus": 2}  # fmt: skip


@cache
def rendered_sites() -> dict[str, Mapping[str, Any]]:
    """Return what the renderer writes for sites that a file describes (`make values`)."""
    found = {"kube": load_cluster_site("kube")}
    with tempfile.TemporaryDirectory() as folder:
        for name, pair in PAIRS.items():
            found[name] = pair.cluster(Path(folder))
        return {
            name: yaml.safe_load(written(values(site, images={}))) for name, site in found.items()
        }


@cache
def sites() -> dict[str, Mapping[str, Any]]:
    """Return values by the name of what they have of their own."""
    own = own_values()
    return {
        "demonstration": own,
        "own hosts": changed(
            {
                "site.sessionDomain": DOMAIN,
                "web.names": {
                    "all": [DOMAIN, f"*.{DOMAIN}", "192.0.2.7", "[2001:db8::7]"],
                    "hub": [DOMAIN],
                    "other": ["192.0.2.7", "[2001:db8::7]"],
                    "domain": DOMAIN,
                    "domainPattern": "big\\-data\\.example",
                },
                "web.exposure": {
                    "kind": "ingress",
                    "className": "nginx",
                    "annotations": {"a/b": "c"},
                },
            }
        ),
        "provider": changed(
            {
                "hub.logins": {
                    "kind": "oidc",
                    "oidc": OIDC,
                    "authorities": "-----BEGIN CERTIFICATE-----\n",
                },
                "policies.logins": ["198.51.100.0/24"],
                "web.exposure": {"kind": "loadBalancer", "annotations": {}},
                "web.sources": ["203.0.113.0/24"],
            }
        ),
        "given claims": changed(
            {
                "storage.releases": {"claim": "their-releases", **NONE_OF_OURS},
                "storage.restricted": {"claim": "their-zone", **NONE_OF_OURS},
                "bases.0.source": {"claim": "their-delivery"},
                "bases.0.synthetic": None,
                "web.exposure": {"kind": "gateway", "gateway": "edge/public"},
            }
        ),
        "cards and nodes": changed(
            {
                "images.pytorch-gpu": f"registry.example:5000/pytorch-gpu@{DIGEST}",
                "profiles": [*own["profiles"], CARD],
                "nodes": {
                    "services": {"role": "services"},
                    "sessions": {"role": "sessions"},
                    "builds": {"role": "builds"},
                    "gpuResource": "nvidia.com/mig-1g.10gb",
                },
                "pull": {"policy": "Never", "secrets": ["registry"]},
                "sessions.memoryGb": 256,
                "sessions.userGb": 64,
                "web.exposure": {"kind": "nodePort", "nodePort": 30443},
                "web.proxies": ["192.0.2.0/24"],
            }
        ),
        "alone": changed(
            {
                "spark.executors": 0,
                "projects.0.sourceTables": False,
                "bases.0.typed": False,
                "web.replicas": 1,
                "policies.apiServer": ["192.0.2.1/32", "2001:db8::1/128"],
                "texts": {
                    "pages": {"index.html": "<p>Bonjour\n"},
                    "onboarding": {"notebooks/a.ipynb": "{}"},
                },
            }
        ),
    }
