"""A site on a cluster: its site.json, and the pods that its hub makes. The chart's tests take these pods for their policies."""

import copy
import datetime
import json
from pathlib import Path
from typing import Any

from tests.jupyterhub_conf.conftest import EVER, SITE

DIGEST = "sha256:" + "a" * 64
NAMESPACE = "bigdata-work"
OF_A_SERVER = (
    *("images_file", "run", "pam_service", "uids", "teams", "releases", "onboarding"),
    *("network", "restricted", "analysts_group"),
)
NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)

CLUSTER: dict[str, Any] = {
    "namespace": NAMESPACE,
    "images": {"jupyter": f"openchronic/jupyter@{DIGEST}"},
    "pull_policy": "IfNotPresent",
    "accounts": {
        "rose": {"uid": 1_000_001, "end": "2099-01-01"},
        "claire": {"uid": 1_000_002, "end": "2099-01-01"},
        "alix": {"uid": 1_000_003, "end": "2099-01-01"},
        "parti": {"uid": 1_000_004, "end": "2020-01-01"},
    },
    "gids": {"variations": 2_000_001, "parcours": 2_000_002},
    "source_readers_gid": 2_000_009,
    "homes": {"storage_class": None, "access_mode": "ReadWriteOnce"},
    "home_gb": 20,
    "gpu_resource": "nvidia.com/gpu",
    "broker_url": "http://web-sessions.bigdata:8081/broker",
    "executors": 8,
    "scratch_gb": 20,
    "onboarding": {"onboarding": ["bienvenue.md", "notebooks/premiers-pas.ipynb"]},
    "demonstration": True,
}
CARDS = {
    "slug": "cartes",
    "title": "Cartes",
    "description": "Apprendre",
    "image": "jupyter",
    "memory_gb": 16,
    "cpus": 4,
    "pids": 2048,
    "shm_gb": 8,
    "gpus": 2,
    "projects": ["parcours"],
}


def cluster_json(folder: Path, **changes: Any) -> dict[str, Any]:
    """Return the content of site.json of a cluster, whose hub keeps its state in a folder."""
    site = {name: it for name, it in copy.deepcopy(SITE).items() if name not in OF_A_SERVER}
    for project in site["projects"]:
        del project["home"]
    site["profiles"].append(copy.deepcopy(CARDS))
    # A demonstration's projects have no last day; the server's tests have one that has passed.
    site["projects"][1]["members"] = {"rose": EVER, "alix": EVER, "parti": EVER}
    return {
        **site,
        "state": str(folder),
        "database": str(folder / "hub.sqlite"),
        "uses": str(folder / "uses"),
        "logins": {"acceptances": str(folder / "charter.jsonl"), "ldap": None, "oidc": None},
        "cluster": copy.deepcopy(CLUSTER),
        **changes,
    }


def write_cluster(folder: Path, **changes: Any) -> Path:
    place = folder / "site.json"
    place.write_text(json.dumps(cluster_json(folder, **changes)))
    return place


def session_pods(folder: Path) -> list[dict[str, Any]]:
    """Return the pods of every person, project and profile that go together, as the hub posts them."""
    from pods import find_account, session_pod
    from profiles import offered
    from projects import open_projects
    from settings import load_settings

    site = load_settings(write_cluster(folder))
    found = []
    for login in CLUSTER["accounts"]:
        person = find_account(login, site)
        assert person
        mine = open_projects(site.projects, login=login, day=NOW.date())
        found += [
            session_pod(
                *(person, project, profile, site),
                mine=mine,
                now=NOW,
                environment={"JUPYTERHUB_API_TOKEN": "0" * 32},
            )
            for project in mine
            for profile in offered(site.profiles, project=project)
        ]
    return found
