"""Pod Security *restricted*: each pod that the chart makes keeps every rule, and each rule is one that a pod can break."""

import copy
from typing import Any

import pytest

from tests.charts.rendering import (
    WORK,
    Manifest,
    changed,
    containers,
    find,
    own_manifests,
    pods,
    rendered,
)
from tests.charts.restricted import RULES, broken
from tests.charts.site_values import rendered_sites, sites

C = "spec.containers.0"
S = f"{C}.securityContext"
BREAKS: dict[str, dict[str, Any]] = {
    "host process": {"spec.securityContext.windowsOptions": {"hostProcess": True}},
    "host namespaces": {"spec.hostPID": True},
    "privileged": {f"{S}.privileged": True},
    "added capabilities": {f"{S}.capabilities.add": ["NET_RAW"]},
    "dropped capabilities": {f"{S}.capabilities.drop": ["NET_RAW"]},
    "host paths": {"spec.volumes.+": {"name": "x", "hostPath": {"path": "/"}}},
    "host ports": {f"{C}.ports.0.hostPort": 80},
    "host probes": {f"{C}.livenessProbe.httpGet.host": "192.0.2.1"},
    "AppArmor": {f"{S}.appArmorProfile": {"type": "Unconfined"}},
    "SELinux": {f"{S}.seLinuxOptions": {"type": "spc_t"}},
    "/proc": {f"{S}.procMount": "Unmasked"},
    "sysctls": {"spec.securityContext.sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
    "volumes": {"spec.volumes.+": {"name": "x", "nfs": {"server": "x", "path": "/"}}},
    "privilege escalation": {f"{S}.allowPrivilegeEscalation": True},
    "not root": {f"{S}.runAsNonRoot": False},
    "not root's number": {f"{S}.runAsUser": 0},
    "seccomp": {"spec.securityContext.seccompProfile": {"type": "Unconfined"}},
}


def hub() -> Manifest:
    pod: Manifest = copy.deepcopy(find(own_manifests(), "Deployment", "hub")["spec"]["template"])
    return pod


ALL = {**sites(), **rendered_sites()}


@pytest.mark.parametrize("site", ALL)
def test_each_pod_keeps_every_rule(site: str) -> None:
    found = {f"{name} {what}" for name, _, pod in pods(rendered(ALL[site])) for what in broken(pod)}
    assert found == set()


@pytest.mark.parametrize("rule", RULES)
def test_a_pod_that_breaks_a_rule_is_found(rule: str) -> None:
    assert broken(hub()) == set()
    assert rule in broken(changed(BREAKS[rule], hub()))


def test_containers_before_the_first_are_judged_too() -> None:
    pod = hub()
    pod["spec"]["initContainers"] = [{"name": "x", "image": "x"}]
    assert {"privilege escalation", "dropped capabilities"} <= broken(pod)


def test_no_pod_writes_to_its_root_file_system() -> None:
    for name, _, pod in pods(own_manifests()):
        for one in containers(pod):
            assert one["securityContext"]["readOnlyRootFilesystem"] is True, name


def test_the_cluster_itself_refuses_other_pods_where_sessions_run() -> None:
    labels = find(own_manifests(), "Namespace", WORK)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
