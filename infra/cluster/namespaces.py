"""Makes the two namespaces of a site, before anything is in them: what lies there is restricted from the beginning."""

from typing import Any

from infra.cluster.reaching import RELEASE, Cluster

RESTRICTED = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")
}


def ensure_namespaces(cluster: Cluster) -> list[str]:
    """Make those that are absent, and return a line for each."""
    said = []
    for name in (cluster.namespace, cluster.work):
        if cluster.has("namespace", name):
            continue
        cluster.create(namespace(name, of_the_chart=name == cluster.work, cluster=cluster))
        said.append(f"made the namespace {name}")
    return said


def namespace(name: str, *, of_the_chart: bool, cluster: Cluster) -> dict[str, Any]:
    """Return a namespace. The work namespace is the chart's: helm takes over what says that it is its own."""
    metadata: dict[str, Any] = {"name": name, "labels": dict(RESTRICTED)}
    if of_the_chart:
        metadata["labels"]["app.kubernetes.io/managed-by"] = "Helm"
        metadata["annotations"] = {
            "meta.helm.sh/release-name": RELEASE,
            "meta.helm.sh/release-namespace": cluster.namespace,
        }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
