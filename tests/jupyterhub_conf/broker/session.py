"""A session's pod as the API server tells it, and what Spark 4.3's client asks for (recorded; fewer of Java's options)."""

import copy
import json
from pathlib import Path
from typing import Any

ADDRESS = "10.1.0.7"
TOKEN = "0123456789abcdef0123456789abcdef"
DIGEST = f"registry.invalid/jupyter@sha256:{'a' * 64}"


def session(login: str = "alix") -> dict[str, Any]:
    return {
        "metadata": {
            "name": f"session-{login}",
            "namespace": "bigdata-work",
            "uid": f"uid-of-{login}",
            "labels": {
                "bigdata.openchronic/owner": login,
                "bigdata.openchronic/project": "variations",
                "app.kubernetes.io/name": "bigdata",
                "app.kubernetes.io/component": "session",
                "hub.jupyter.org/username": login,
            },
            "annotations": {
                "bigdata.openchronic/passwd": f"{login}:x:1000123:1000123::/home/{login}:/bin/bash\n",
                "hub.jupyter.org/username": login,
            },
        },
        "spec": {
            "serviceAccountName": "session",
            "securityContext": {"runAsUser": 1000123, "runAsGroup": 1000123, "runAsNonRoot": True},
            "nodeSelector": {"bigdata": "sessions"},
            "nodeName": "node2",
            "volumes": [
                {
                    "name": "home",
                    "persistentVolumeClaim": {"claimName": f"home-{login}.variations"},
                },
                {
                    "name": "releases",
                    "persistentVolumeClaim": {"claimName": "releases", "readOnly": True},
                },
                {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "512Mi"}},
            ],
            "containers": [
                {
                    "name": "notebook",
                    "image": DIGEST,
                    "imagePullPolicy": "Never",
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "readOnlyRootFilesystem": True,
                    },
                    "command": ["start-session"],
                    "env": [
                        {"name": "JUPYTERHUB_API_TOKEN", "value": TOKEN},
                        {"name": "USER", "value": login},
                        {"name": "HOME", "value": f"/home/{login}"},
                        {"name": "OMP_NUM_THREADS", "value": "2"},
                        {"name": "OPENCHRONIC_POD_IP", "valueFrom": {"fieldRef": {}}},
                    ],
                    "resources": {
                        "limits": {"cpu": "2000m", "memory": "2147483648", "nvidia.com/gpu": "1"},
                        "requests": {"cpu": "200m", "memory": "1073741824", "nvidia.com/gpu": "1"},
                    },
                    "volumeMounts": [
                        {"name": "home", "mountPath": f"/home/{login}"},
                        {
                            "name": "releases",
                            "mountPath": "/srv/openchronic/demo",
                            "subPath": "demo",
                            "readOnly": True,
                        },
                        {"name": "tmp", "mountPath": "/tmp"},
                    ],
                }
            ],
        },
        "status": {"phase": "Running", "podIP": ADDRESS},
    }


def asked(**variables: str | None) -> dict[str, Any]:
    """Return what Spark posts, with these variables of its executor; None: without."""
    pod: dict[str, Any] = copy.deepcopy(_RECORDED)
    (container,) = pod["spec"]["containers"]
    container["env"] = [one for one in container["env"] if one["name"] not in variables]
    container["env"] += [
        {"name": name, "value": value} for name, value in variables.items() if value is not None
    ]
    return pod


_RECORDED = json.loads(Path(__file__).with_name("asked_by_spark.json").read_text())
