"""The node of the cluster serves restricted pods, and no others where they are not wanted."""

import pytest

from tests.cluster.kubernetes import Cluster, KubectlError, Namespace, probe


def test_the_node_is_ready_and_of_the_version_that_is_built(cluster: Cluster) -> None:
    nodes = cluster.ask("nodes")["items"]
    assert nodes
    for node in nodes:
        conditions = {one["type"]: one["status"] for one in node["status"]["conditions"]}
        assert conditions["Ready"] == "True", conditions
        assert not node["spec"].get("taints"), "pods may run on it"


def test_a_restricted_pod_runs_with_its_limits(shared: Namespace) -> None:
    shared.run_probe("restricted")
    pod = shared.ask("pod", "restricted")
    assert pod["status"]["qosClass"] == "Burstable"
    assert shared.probe("restricted", "reach", "127.0.0.1:8080") == "open"


def test_an_unrestricted_pod_is_refused(shared: Namespace) -> None:
    pod = probe("privileged")
    pod["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    with pytest.raises(KubectlError, match=r"violates PodSecurity .restricted"):
        shared.apply(pod)


def test_names_of_services_are_answered(shared: Namespace) -> None:
    shared.run_probe("named")
    shared.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "named"},
            "spec": {
                "selector": {"app.kubernetes.io/name": "named"},
                "ports": [{"port": 80, "targetPort": 8080}],
            },
        }
    )
    shared.run_probe("asks")
    assert shared.reach("asks", f"named.{shared.name}.svc.cluster.local:80") == "open"
    assert shared.reach("asks", f"absent.{shared.name}.svc.cluster.local:80") == "no such name"
