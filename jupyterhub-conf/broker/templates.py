"""Makes the pod of an executor or a worker from the running pod of its session, which the hub made and the cluster admitted.

Image, uid, groups, volumes and limits are the session's. Left out: the home, whose disk may be at one node only; the token,
so that an executor can ask for nothing; cards.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OWNER = "bigdata.openchronic/owner"
PROJECT = "bigdata.openchronic/project"
COMPONENT = "app.kubernetes.io/component"
SCRATCH = "scratch"
SCRATCH_FOLDER = "/var/data"
HOME_CLAIM = "home-"
# The session's /etc/passwd and /etc/group, which its volume `identity` shows.
ANNOTATIONS = ("bigdata.openchronic/passwd", "bigdata.openchronic/group")
# Of the session's variables, what says how many processors there are, who works, and what may be read.
KEPT = frozenset(
    {
        *(
            "USER",
            "LOGNAME",
            "MEM_LIMIT",
            "CPU_LIMIT",
            "OPENCHRONIC_RELEASES",
            "OPENCHRONIC_PROJECT",
        ),
        *("PYTHON_CPU_COUNT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
        *("NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS", "POLARS_MAX_THREADS"),
        *("R_DATATABLE_NUM_THREADS", "MC_CORES"),
    }
)
COPIED = (
    *("securityContext", "serviceAccountName", "imagePullSecrets", "nodeSelector", "affinity"),
    *("dnsPolicy", "dnsConfig", "priorityClassName", "schedulerName"),
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What differs from the session: the pod's name and component, what it runs, and its variables and other labels."""

    name: str
    component: str
    command: Sequence[str]
    environment: Mapping[str, str]
    labels: Mapping[str, str]


def pod_of(session: Mapping[str, Any], part: Part, *, scratch_gb: float) -> dict[str, Any]:
    """Return the manifest of a part's pod, given that of the running session as the API server tells it."""
    spec, metadata = session["spec"], session["metadata"]
    own = spec["containers"][0]
    volumes = [copy.deepcopy(one) for one in spec.get("volumes", []) if not _is_home(one)]
    there = {one["name"] for one in volumes}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": part.name,
            "namespace": metadata["namespace"],
            # The broker's own come last: Spark's labels cannot replace them.
            "labels": {
                **part.labels,
                **{name: value for name, value in metadata["labels"].items() if _is_of_ours(name)},
                COMPONENT: part.component,
            },
            "annotations": {
                name: value
                for name, value in metadata.get("annotations", {}).items()
                if name in ANNOTATIONS
            },
            # The cluster removes it with the session's pod, however that one ends.
            "ownerReferences": [
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "name": metadata["name"],
                    "uid": metadata["uid"],
                }
            ],
        },
        "spec": {
            **{name: copy.deepcopy(spec[name]) for name in COPIED if spec.get(name)},
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 10,
            "volumes": [*volumes, {"name": SCRATCH, "emptyDir": {"sizeLimit": gib(scratch_gb)}}],
            "containers": [
                {
                    "name": part.component,
                    "image": own["image"],
                    "imagePullPolicy": own.get("imagePullPolicy", "IfNotPresent"),
                    "securityContext": copy.deepcopy(own["securityContext"]),
                    "command": list(part.command),
                    "workingDir": SCRATCH_FOLDER,
                    "env": list(_variables(own, part)),
                    "resources": _limits(own, scratch_gb),
                    "volumeMounts": [
                        *(
                            copy.deepcopy(one)
                            for one in own.get("volumeMounts", [])
                            if one["name"] in there
                        ),
                        {"name": SCRATCH, "mountPath": SCRATCH_FOLDER},
                    ],
                }
            ],
        },
    }


def gib(size: float) -> str:
    """Return a size in GiB as a quantity of Kubernetes."""
    return f"{round(size * 1024)}Mi"


def _is_home(volume: Mapping[str, Any]) -> bool:
    claim = volume.get("persistentVolumeClaim") or {}
    return str(claim.get("claimName", "")).startswith(HOME_CLAIM)


def _is_of_ours(name: str) -> bool:
    return name.startswith(("bigdata.openchronic/", "app.kubernetes.io/"))


def _variables(own: Mapping[str, Any], part: Part) -> Iterator[dict[str, Any]]:
    for one in own.get("env", []):
        if one["name"] in KEPT and "value" in one:
            yield {"name": one["name"], "value": one["value"]}
    for name, value in part.environment.items():
        yield {"name": name, "value": value}
    # Programs that look for a home find one that they can write.
    yield {"name": "HOME", "value": SCRATCH_FOLDER}
    for name, path in (
        ("SPARK_EXECUTOR_POD_IP", "status.podIP"),
        ("SPARK_EXECUTOR_POD_NAME", "metadata.name"),
    ):
        yield {
            "name": name,
            "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}},
        }


def _limits(own: Mapping[str, Any], scratch_gb: float) -> dict[str, dict[str, str]]:
    """Return the session's memory and processors, asked for and at most, and the disk for what Spark puts aside."""
    disk = {"ephemeral-storage": gib(scratch_gb + 1)}
    return {
        kind: {name: own["resources"][kind][name] for name in ("cpu", "memory")} | disk
        for kind in ("limits", "requests")
    }
