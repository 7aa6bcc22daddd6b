"""Who may reach whom on a cluster: what the network policies of rendered manifests say, by the rules of their kind."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Policy = dict[str, Any]
LABEL = "app.kubernetes.io/"
OWNER = "bigdata.openchronic/owner"


@dataclass(frozen=True)
class Pod:
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outside:
    address: str


def pod(namespace: str, component: str, owner: str = "") -> Pod:
    """Return a pod of ours, as chart and hub label it."""
    labels = {
        f"{LABEL}name": "bigdata",
        f"{LABEL}instance": "bigdata",
        f"{LABEL}component": component,
    }
    return Pod(namespace, labels | ({OWNER: owner} if owner else {}))


def reaches(
    policies: Sequence[Policy], source: Pod | Outside, target: Pod | Outside, port: int
) -> bool:
    """Whether a packet leaves its source and enters its target; pods that no policy selects are open."""
    out = not isinstance(source, Pod) or _lets(policies, "Egress", source, target, port)
    return out and (not isinstance(target, Pod) or _lets(policies, "Ingress", target, source, port))


def _lets(policies: Sequence[Policy], way: str, of: Pod, peer: Pod | Outside, port: int) -> bool:
    ours = [
        one
        for one in policies
        if one["metadata"]["namespace"] == of.namespace
        and way in one["spec"]["policyTypes"]
        and _selects(one["spec"]["podSelector"], of.labels)
    ]
    if not ours:
        return True
    key = "from" if way == "Ingress" else "to"
    return any(
        _port(rule, port) and _peer(rule.get(key), peer, policy["metadata"]["namespace"])
        for policy in ours
        for rule in policy["spec"].get(way.lower()) or []
    )


def _port(rule: dict[str, Any], port: int) -> bool:
    ports = rule.get("ports")
    return not ports or any(
        one.get("port") in (None, port)
        or (
            isinstance(one.get("port"), int)
            and one["port"] <= port <= one.get("endPort", one["port"])
        )
        for one in ports
    )


def _peer(peers: list[dict[str, Any]] | None, peer: Pod | Outside, namespace: str) -> bool:
    return not peers or any(_one(one, peer, namespace) for one in peers)


def _one(said: dict[str, Any], peer: Pod | Outside, namespace: str) -> bool:
    if block := said.get("ipBlock"):
        if isinstance(peer, Pod):
            return False
        address = ipaddress.ip_address(peer.address)
        return address in ipaddress.ip_network(block["cidr"]) and not any(
            address in ipaddress.ip_network(one) for one in block.get("except", [])
        )
    if isinstance(peer, Outside):
        return False
    spaces = said.get("namespaceSelector")
    if spaces is None:
        there = peer.namespace == namespace
    else:
        there = _selects(spaces, {"kubernetes.io/metadata.name": peer.namespace})
    return there and _selects(said.get("podSelector") or {}, peer.labels)


def _selects(selector: dict[str, Any], labels: Mapping[str, str]) -> bool:
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for one in selector.get("matchExpressions") or []:
        value, values = labels.get(one["key"]), one.get("values") or []
        right = {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not right[one["operator"]]:
            return False
    return True
