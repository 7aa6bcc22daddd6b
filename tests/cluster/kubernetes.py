"""A cluster, by kubectl: namespaces, pods of the probe, and what they reach."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.operate.cluster_programs import find_kubectl

PROBE = "localhost/probe:latest"
RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "seccompProfile": {"type": "RuntimeDefault"},
}
READY_S = 120


class KubectlError(Exception):
    """What kubectl said when it failed."""


@dataclass(frozen=True)
class Cluster:
    kubeconfig: Path

    def kubectl(self, *arguments: str, given: str | None = None, timeout_s: float = 180) -> str:
        """Return what kubectl prints. Raises KubectlError with its errors."""
        done = subprocess.run(
            [str(find_kubectl()), f"--kubeconfig={self.kubeconfig}", *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode != 0:
            raise KubectlError(done.stderr.strip())
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "--output=json"))

    def apply(self, *objects: Mapping[str, Any]) -> None:
        listed = {"apiVersion": "v1", "kind": "List", "items": objects}
        self.kubectl("apply", "--filename=-", given=json.dumps(listed))

    @contextmanager
    def namespace(self, name: str) -> "Iterator[Namespace]":
        """Make a namespace for restricted pods alone, and remove it with all that it holds."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        self.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        )
        try:
            yield Namespace(self, name)
        finally:
            self.kubectl("delete", "namespace", name, "--wait=true")


@dataclass(frozen=True)
class Namespace:
    cluster: Cluster
    name: str

    def kubectl(self, *arguments: str) -> str:
        return self.cluster.kubectl(f"--namespace={self.name}", *arguments)

    def ask(self, *arguments: str) -> Any:
        return self.cluster.ask(f"--namespace={self.name}", *arguments)

    def apply(self, *objects: Mapping[str, Any]) -> None:
        for one in objects:
            metadata = {**one["metadata"], "namespace": self.name}
            self.cluster.apply({**one, "metadata": metadata})

    def run_probe(self, name: str, *, claim: str | None = None, port: int = 8080) -> str:
        """Run a pod that answers on a port, wait until it is ready, and return its address."""
        self.apply(probe(name, claim=claim, port=port))
        self.kubectl("wait", "--for=condition=Ready", f"pod/{name}", f"--timeout={READY_S}s")
        return str(self.ask("pod", name)["status"]["podIP"])

    def probe(self, pod: str, *arguments: str) -> str:
        """Return what the probe says in a pod."""
        return self.kubectl("exec", pod, "--", "/probe", *arguments).strip()

    def reach(self, pod: str, address: str) -> str:
        """Return what becomes of a connection from a pod: `open`, `refused`, `no answer`."""
        return self.probe(pod, "reach", address)


def probe(name: str, *, claim: str | None = None, port: int = 8080) -> dict[str, Any]:
    """Return a restricted pod of the probe, which answers on a port."""
    container: dict[str, Any] = {
        "name": "probe",
        "image": PROBE,
        "imagePullPolicy": "Never",
        "args": ["serve", str(port)],
        "ports": [{"containerPort": port}],
        "readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 1},
        "resources": {
            "requests": {"cpu": "10m", "memory": "16Mi"},
            "limits": {"cpu": "1", "memory": "64Mi"},
        },
        "securityContext": RESTRICTED,
    }
    spec: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
    }
    if claim is not None:
        container["volumeMounts"] = [{"name": "claimed", "mountPath": "/claimed"}]
        spec["volumes"] = [{"name": "claimed", "persistentVolumeClaim": {"claimName": claim}}]
    labels = {"app.kubernetes.io/name": name}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
    }


def policy(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {"podSelector": {}, **spec},
    }


def named(name: str) -> dict[str, Any]:
    """Return the selector of a probe."""
    return {"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}}
