"""Network policies are enforced: what they do not allow gets no answer, and the same call answers without them."""

from collections.abc import Iterator

import pytest

from tests.cluster.kubernetes import Cluster, Namespace, named, policy

KUBELET, API = 10250, 6443
DENY = policy("deny", policyTypes=["Ingress", "Egress"])
KUBE_DNS = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}
# As many clusters do: only their names are answered.
NAMES = policy(
    "names",
    policyTypes=["Egress"],
    egress=[{"to": [KUBE_DNS], "ports": [{"port": 53, "protocol": "UDP"}]}],
)


@pytest.fixture(scope="module")
def pods(shared: Namespace) -> dict[str, str]:
    return {name: shared.run_probe(name) for name in ("asks", "answers", "stranger")}


@pytest.fixture
def targets(cluster: Cluster, pods: dict[str, str]) -> dict[str, str]:
    """Give what a pod must not reach by itself."""
    addresses = cluster.ask("nodes")["items"][0]["status"]["addresses"]
    node = next(one["address"] for one in addresses if one["type"] == "InternalIP")
    service = cluster.ask("service", "kubernetes", "--namespace=default")["spec"]["clusterIP"]
    return {
        "another pod": f"{pods['answers']}:8080",
        "the node's kubelet": f"{node}:{KUBELET}",
        "the API by its service": f"{service}:443",
        "the API on the node": f"{node}:{API}",
    }


@pytest.fixture
def denied(shared: Namespace) -> Iterator[None]:
    """Deny everything but names, both ways, while a test runs."""
    shared.apply(DENY, NAMES)
    try:
        yield
    finally:
        shared.kubectl("delete", "networkpolicy", "--all")


def test_without_policies_a_pod_reaches_all_of_it(
    shared: Namespace, targets: dict[str, str]
) -> None:
    """The positive control of the next test: the calls work, so that a policy is what stops them."""
    found = {what: shared.reach("asks", address) for what, address in targets.items()}
    assert found == dict.fromkeys(targets, "open")


def test_denied_by_default_a_pod_reaches_nothing(
    shared: Namespace, targets: dict[str, str], denied: None
) -> None:
    found = {what: shared.reach("asks", address) for what, address in targets.items()}
    assert found == dict.fromkeys(targets, "no answer")


def test_names_are_answered_where_they_alone_are_allowed(shared: Namespace, denied: None) -> None:
    shared.kubectl("delete", "networkpolicy", "names")
    absent = f"absent.{shared.name}.svc.cluster.local:80"
    assert shared.reach("asks", absent) == "no answer from names"
    shared.apply(NAMES)
    assert shared.reach("asks", absent) == "no such name"


def test_what_is_allowed_is_open_to_it_alone(
    shared: Namespace, targets: dict[str, str], denied: None
) -> None:
    shared.apply(
        policy("asks", policyTypes=["Egress"], egress=[{"to": [named("answers")]}]),
        policy(
            "answers",
            policyTypes=["Ingress"],
            ingress=[{"from": [named("asks")], "ports": [{"port": 8080}]}],
        ),
    )
    assert shared.reach("asks", targets["another pod"]) == "open"
    assert shared.reach("stranger", targets["another pod"]) == "no answer"
    assert shared.reach("asks", targets["the node's kubelet"]) == "no answer"
