"""Pod Security, level *restricted*: every rule of the standard, judged on a pod's template."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.charts.rendering import Manifest, containers

# Of the standard (kubernetes.io/docs/concepts/security/pod-security-standards), with the rules of *baseline* that it holds.
VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"),
    *("projected", "secret"),
}
SYSCTLS = {
    *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"),
    *("net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"),
    *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout"),
    *("net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"),
}  # fmt: skip
APPARMOR = {"RuntimeDefault", "Localhost"}
SELINUX = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
Rule = Callable[[Manifest], bool]


def _outer(pod: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = pod["spec"].get("securityContext", {})
    return found


def _contexts(pod: Manifest) -> Iterator[dict[str, Any]]:
    for one in containers(pod):
        yield one.get("securityContext", {})


def _all(pod: Manifest) -> Iterator[dict[str, Any]]:
    yield _outer(pod)
    yield from _contexts(pod)


def _said(pod: Manifest, key: str) -> list[Any]:
    """Return what holds for each container: its own word, or the pod's."""
    return [one.get(key, _outer(pod).get(key)) for one in _contexts(pod)]


def _host_port(pod: Manifest) -> bool:
    return any(port.get("hostPort") for one in containers(pod) for port in one.get("ports", ()))


def _host_probe(pod: Manifest) -> bool:
    probes = ("livenessProbe", "readinessProbe", "startupProbe")
    hooks = [
        one.get("lifecycle", {}).get(hook, {})
        for one in containers(pod)
        for hook in ("postStart", "preStop")
    ]
    asked = [one.get(probe, {}) for one in containers(pod) for probe in probes] + hooks
    return any(one.get(kind, {}).get("host") for one in asked for kind in ("httpGet", "tcpSocket"))


def _seccomp(pod: Manifest) -> bool:
    return any(
        (one or {}).get("type") not in {"RuntimeDefault", "Localhost"}
        for one in _said(pod, "seccompProfile")
    )


def _added(pod: Manifest) -> set[str]:
    return {name for one in _contexts(pod) for name in one.get("capabilities", {}).get("add", ())}


# What each rule refuses, by its name.
RULES: dict[str, Rule] = {
    "host process": lambda pod: any(one.get("windowsOptions", {}).get("hostProcess") for one in _all(pod)),
    "host namespaces": lambda pod: any(pod["spec"].get(name) for name in ("hostNetwork", "hostPID", "hostIPC")),
    "privileged": lambda pod: any(one.get("privileged") for one in _contexts(pod)),
    "added capabilities": lambda pod: bool(_added(pod) - {"NET_BIND_SERVICE"}),
    "dropped capabilities": lambda pod: any("ALL" not in one.get("capabilities", {}).get("drop", ()) for one in _contexts(pod)),
    "host paths": lambda pod: any("hostPath" in one for one in pod["spec"].get("volumes", ())),
    "host ports": _host_port,
    "host probes": _host_probe,
    "AppArmor": lambda pod: any(one["appArmorProfile"].get("type") not in APPARMOR for one in _all(pod) if "appArmorProfile" in one),
    "SELinux": lambda pod: any(
        one["seLinuxOptions"].get("type", "") not in SELINUX or {"user", "role"} & one["seLinuxOptions"].keys()
        for one in _all(pod)
        if "seLinuxOptions" in one
    ),
    "/proc": lambda pod: any(one.get("procMount", "Default") != "Default" for one in _contexts(pod)),
    "sysctls": lambda pod: any(one["name"] not in SYSCTLS for one in _outer(pod).get("sysctls", ())),
    "volumes": lambda pod: any(one.keys() - {"name"} - VOLUMES for one in pod["spec"].get("volumes", ())),
    "privilege escalation": lambda pod: any(one.get("allowPrivilegeEscalation") is not False for one in _contexts(pod)),
    "not root": lambda pod: any(one is not True for one in _said(pod, "runAsNonRoot")),
    "not root's number": lambda pod: any(one.get("runAsUser") == 0 for one in _all(pod)),
    "seccomp": _seccomp,
}  # fmt: skip


def broken(pod: Manifest) -> set[str]:
    """Return the names of the rules that a pod breaks."""
    return {name for name, refuses in RULES.items() if refuses(pod)}
