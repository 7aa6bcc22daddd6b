"""Evaluates the chart's ValidatingAdmissionPolicies as an API server does, with a library of the same language (CEL)."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import cel

from tests.charts.rendering import NAMESPACE, WORK, Manifest, find

HUB = f"system:serviceaccount:{NAMESPACE}:hub"
BROKER = f"system:serviceaccount:{NAMESPACE}:broker"
UNITS = {
    **{
        unit: Decimal(1000) ** power
        for power, unit in enumerate(("m", "", "k", "M", "G"), start=-1)
    },
    **{
        unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti"), start=1)
    },
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody asks of the API server in the work namespace."""

    user: str
    operation: str
    new: Manifest | None
    resource: str = "pods"
    group: str = ""
    old: Manifest | None = None
    namespace: str = WORK


@dataclass(frozen=True)
class Policy:
    spec: Mapping[str, Any]
    parameters: Mapping[str, Any] | None = None
    compiled: dict[str, Any] = field(default_factory=dict)


def policies(manifests: tuple[Manifest, ...]) -> list[Policy]:
    """Return the policies that a binding puts in force in the work namespace."""
    found = []
    for one in manifests:
        if one["kind"] == "ValidatingAdmissionPolicyBinding":
            binding = one["spec"]
            chosen = binding["matchResources"]["namespaceSelector"]["matchLabels"]
            assert chosen == {"kubernetes.io/metadata.name": WORK}
            assert binding["validationActions"] == ["Deny"]
            spec = find(manifests, "ValidatingAdmissionPolicy", binding["policyName"])["spec"]
            assert spec["failurePolicy"] == "Fail"
            parameters = None
            if "paramKind" in spec:
                named = binding["paramRef"]
                assert named["parameterNotFoundAction"] == "Deny"
                parameters = find(manifests, "ConfigMap", named["name"], named["namespace"])
            found.append(Policy(spec, parameters))
    return found


def refusals(request: Request, made: list[Policy]) -> list[str]:
    """Return the messages of the rules that refuse a request. A rule that cannot be evaluated refuses too."""
    return [
        said for policy in made if _concerns(policy, request) for said in _said(policy, request)
    ]


def _concerns(policy: Policy, request: Request) -> bool:
    rules = policy.spec["matchConstraints"]["resourceRules"]
    if not any(_matches(rule, request) for rule in rules):
        return False
    known = _known(policy, request)
    return all(
        _evaluated(policy, one["expression"], known) for one in policy.spec["matchConditions"]
    )


def _matches(rule: Mapping[str, Any], request: Request) -> bool:
    return (
        request.namespace == WORK
        and request.group in rule["apiGroups"]
        and request.operation in rule["operations"]
        and (request.resource in rule["resources"] or rule["resources"] == ["*"])
    )


def _said(policy: Policy, request: Request) -> Iterator[str]:
    known = _known(policy, request)
    for rule in policy.spec["validations"]:
        try:
            holds = _evaluated(policy, rule["expression"], known)
        except Exception as error:  # noqa: BLE001 the library has no error of its own
            yield f"{rule['message']} (not evaluated: {error})"
        else:
            if holds is not True:
                yield str(rule["message"])


def _known(policy: Policy, request: Request) -> dict[str, Any]:
    known: dict[str, Any] = {
        "request": {"userInfo": {"username": request.user}, "operation": request.operation},
        "object": request.new,
        "oldObject": request.old,
        "params": policy.parameters,
        "variables": {},
    }
    for one in policy.spec.get("variables", ()):
        # A rule that reads what cannot be evaluated is not evaluated either, as there.
        with suppress(Exception):
            known["variables"][one["name"]] = _evaluated(policy, one["expression"], known)
    return known


def _evaluated(policy: Policy, expression: str, known: Mapping[str, Any]) -> Any:
    if expression not in policy.compiled:
        policy.compiled[expression] = cel.compile(expression)
    context = cel.Context()
    for name, value in known.items():
        context.add_variable(name, value)
    for name, function in FUNCTIONS.items():
        context.add_function(name, function)
    return policy.compiled[expression].execute(context)


def quantity(text: str) -> str:
    """Return a size as a plain decimal number: what Kubernetes' own function makes comparable."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(m|k|M|G|Ki|Mi|Gi|Ti)?", text)
    if found is None:
        raise ValueError(f"{text} is no quantity")
    return str(Decimal(found[1]) * UNITS[found[2] or ""])


def _compared(one: str, other: str) -> int:
    return (Decimal(one) > Decimal(other)) - (Decimal(one) < Decimal(other))


# Those of Kubernetes' extensions that the policies use.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "quantity": quantity,
    "compareTo": _compared,
    "split": lambda text, by: text.split(by),
    # For the type checker of an API server, which knows no `requests` of a claim.
    "dyn": lambda value: value,
    "substring": lambda text, start: text[start:],
}
