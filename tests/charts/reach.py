"""Who may reach whom, computed from network policies as Kubernetes defines them: both the sender's and the receiver's must
allow a connection; a pod that no policy selects is open."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.charts.rendering import NAMESPACE, WORK, Manifest

NAME_OF_NAMESPACE = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Place:
    """A pod, or an address outside the cluster's pods (`namespace` None)."""

    name: str
    namespace: str | None
    labels: tuple[tuple[str, str], ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Port:
    number: int
    protocol: str = "TCP"


def pod(name: str, component: str, *, namespace: str = NAMESPACE, owner: str = "") -> Place:
    labels = {
        "app.kubernetes.io/name": "bigdata",
        "app.kubernetes.io/instance": "bigdata",
        "app.kubernetes.io/component": component,
        **({"bigdata.openchronic/owner": owner} if owner else {}),
    }
    return Place(name, namespace, tuple(labels.items()))


def places(*, api_server: str, provider: str) -> tuple[Place, ...]:
    """Return the pods of a site with two people at work, and what lies around them."""
    people = ("alix", "demo")
    return (
        *(pod(name, name) for name in ("web", "hub", "proxy", "culler", "broker")),
        *(
            pod(f"{kind}-{login}", kind, namespace=WORK, owner=login)
            for login in people
            for kind in ("session", "executor", "worker")
        ),
        pod("build", "build", namespace=WORK),
        # Whatever else comes to be there.
        Place("another pod of ours", NAMESPACE),
        Place("dns", "kube-system", (("k8s-app", "kube-dns"),)),
        Place("another pod of kube-system", "kube-system", (("k8s-app", "other"),)),
        # Labels may be copied; a namespace's name may not.
        Place("a stranger's pod", "strangers", pod("x", "hub").labels),
        Place("a stranger's session", "strangers", pod("x", "session", owner="demo").labels),
        Place("the API server", None, address=api_server),
        Place("the provider", None, address=provider),
        Place("the Internet", None, address="8.8.8.8"),
    )


def reached(
    policies: Iterable[Manifest],
    everybody: Iterable[Place],
    ports: Iterable[Port],
    *,
    ways: Sequence[str] = ("Egress", "Ingress"),
) -> set[tuple[str, str, str]]:
    """Return the connections that are open: who, whom, and the port (`53/UDP`). `ways`: whose policies are asked, the sender's
    (Egress), the receiver's (Ingress)."""
    rules, everybody, ports = list(policies), list(everybody), list(ports)
    return {
        (one.name, other.name, f"{port.number}{'' if port.protocol == 'TCP' else '/UDP'}")
        for one in everybody
        for other in everybody
        if one is not other and not (one.namespace is None and other.namespace is None)
        for port in ports
        if all(
            _may(rules, way, *((one, other) if way == "Egress" else (other, one)), port)
            for way in ways
        )
    }


def _may(policies: list[Manifest], way: str, here: Place, there: Place, port: Port) -> bool:
    if here.namespace is None:
        return True
    concerned = [one for one in policies if _selects(one, here) and way in _ways(one)]
    if not concerned:
        return True
    return any(
        _peer(rule, "from" if way == "Ingress" else "to", there, one["metadata"]["namespace"]) and _port(rule, port)
        for one in concerned
        for rule in one["spec"].get(way.lower(), ())
    )  # fmt: skip


def _ways(policy: Manifest) -> list[str]:
    ways: list[str] = policy["spec"]["policyTypes"]
    return ways


def _selects(policy: Manifest, place: Place) -> bool:
    return policy["metadata"]["namespace"] == place.namespace and _matches(
        policy["spec"]["podSelector"], dict(place.labels)
    )


def _peer(rule: Mapping[str, Any], key: str, place: Place, own: str) -> bool:
    # An empty list is as none: everybody.
    if not rule.get(key):
        return True
    return any(_is(one, place, own) for one in rule[key])


def _is(peer: Mapping[str, Any], place: Place, own: str) -> bool:
    if "ipBlock" in peer:
        # Of a pod's address, policies say nothing that one may rely on: a block is for what is no pod.
        return place.namespace is None and ipaddress.ip_address(place.address) in ipaddress.ip_network(peer["ipBlock"]["cidr"])  # fmt: skip
    if place.namespace is None:
        return False
    if "namespaceSelector" in peer:
        named = _matches(peer["namespaceSelector"], {NAME_OF_NAMESPACE: place.namespace})
    else:
        named = place.namespace == own
    return named and _matches(peer.get("podSelector", {}), dict(place.labels))


def _matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    unknown = selector.keys() - {"matchLabels"}
    assert not unknown, f"{unknown}: not in this model"
    return all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items())


def _port(rule: Mapping[str, Any], port: Port) -> bool:
    if not rule.get("ports"):
        return True
    return any(
        one.get("protocol", "TCP") == port.protocol and one.get("port", port.number) == port.number
        for one in rule["ports"]
    )


def of(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    return (one for one in manifests if one["kind"] == "NetworkPolicy")
