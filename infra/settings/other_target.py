"""What one target cannot do that the other can: a setting of the other's is refused with the reason, not as unknown."""

from collections.abc import Iterator, Mapping
from typing import Any

# By place; * stands for any name.
NOT_ON_A_CLUSTER = {
    "server": "a site has one target: leave out [server], or [cluster]",
    "box": "a disposable server is a server: leave out [box], or [cluster]",
    "packages": "a cluster installs nothing: images are made elsewhere, with that machine's mirrors, and pushed by "
    "make images-push",
    "network": "the cluster has the addresses of pods, leave it out",
    "hardening": "the nodes are not this site's, leave it out: their operators harden them",
    "time": "the clock of a pod is its node's, leave it out",
    "access.operators": "who operates is who has rights in the kubeconfig, leave it out",
    "sessions.reserved_gb": "a node's own needs are taken off by its kubelet, and builds ask for theirs, leave it out",
    "gpu.devices": "nodes tell their cards by a device plugin: say gpu.resource, such as nvidia.com/gpu",
    "gpu.cdi": "the nodes' device plugin describes their cards, leave it out",
    "gpu.repository": "the nodes have their own container toolkit, leave it out",
    "gpu.repository_key": "the nodes have their own container toolkit, leave it out",
    "profiles.*.pids": "a pod cannot limit its processes, a node's kubelet does (podPidsLimit), leave it out",
    "bases.*.export_folders": "a cluster has no folders of operators to export to, leave it out",
    "storage.homes_loop_gb": "homes are claims, leave it out",
    "storage.require_mounts": "there are claims and no mounts, leave it out",
    "storage.docker": "the nodes keep images where they do, leave it out",
    "storage.data": "each base's files are a claim: say bases.<base>.source.claim",
    "storage.keep_ended_days": "claims of what has ended stay until an operator deletes them, leave it out",
    "logins.ldap": "the hub of a cluster asks no directory: put a provider of OpenID Connect before it, and say [logins.oidc]",
    "logins.second_factor": "the provider asks for it (logins.oidc.amr, acr), leave it out",
    "logins.password_min_length": "a cluster has no passwords of its own, leave it out",
    "logins.password_min_classes": "a cluster has no passwords of its own, leave it out",
    "logins.password_max_days": "a cluster has no passwords of its own, leave it out",
}
# A setting whose value another target takes otherwise.
VALUES_NOT_ON_A_CLUSTER = {
    (
        "logins.kind",
        "pam",
    ): 'pods have no PAM and no Unix accounts: say "oidc" (or "demonstration", without real data)',
    (
        "logins.kind",
        "ldap",
    ): "the hub of a cluster asks no directory: put a provider of OpenID Connect before it, and "
    'say "oidc"',
}
NOT_ON_A_SERVER = {
    "cluster": "a site has one target: leave out [server], or [cluster]",
    "sessions.memory_gb": "a server's memory is its own: say sessions.reserved_gb for what is not the sessions'",
    "gpu.resource": "a server names each card: say gpu.devices",
    "tls.secret": "a server has no Secrets: say certificate and key",
    "logins.ca_certificates": "a server trusts packages.ca_certificates, leave it out",
    "storage.class_name": "a server has folders and no claims, leave it out",
    "storage.teams": "a server has folders and no claims, leave it out",
    "storage.hub_state": "a server has folders and no claims, leave it out",
}
VALUES_NOT_ON_A_SERVER = {
    (
        "logins.kind",
        "demonstration",
    ): 'is for a cluster: say "pam", and make password sets a password',
    ("tls.authority", "secret"): 'is for a cluster: say "own" or "files"',
}
# Folders of a server whose names are tables of claims there.
FOLDERS = ("storage.homes", "storage.releases", "storage.restricted", "bases.*.source")


def not_on_a_cluster(raw: dict[str, Any]) -> list[str]:
    """Take what a cluster cannot do out of `raw`, and return what to do about each."""
    found = _taken(raw, NOT_ON_A_CLUSTER, VALUES_NOT_ON_A_CLUSTER)
    for place, holder, key in _places(raw, FOLDERS):
        if isinstance(holder[key], str):
            del holder[key]
            found.append(
                f"{place}: is a claim on a cluster and no folder: a table with size_gb, or claim"
            )
    return found


def not_on_a_server(raw: dict[str, Any]) -> list[str]:
    """Take what a server cannot do out of `raw`, and return what to do about each."""
    found = _taken(raw, NOT_ON_A_SERVER, VALUES_NOT_ON_A_SERVER)
    for place, holder, key in _places(raw, FOLDERS):
        if isinstance(holder[key], dict):
            del holder[key]
            found.append(f"{place}: is a folder on a server, not a claim: say its path")
    return found


def _taken(
    raw: dict[str, Any], settings: Mapping[str, str], values: Mapping[tuple[str, str], str]
) -> list[str]:
    found = []
    for pattern, reason in settings.items():
        for place, holder, key in _places(raw, (pattern,)):
            del holder[key]
            found.append(f"{place}: {reason}")
    for (pattern, value), reason in values.items():
        for place, holder, key in _places(raw, (pattern,)):
            if holder[key] == value:
                found.append(
                    f"{place}: {value!r} {reason}"
                    if reason.startswith("is ")
                    else f"{place}: {reason}"
                )
    return found


def _places(
    raw: dict[str, Any], patterns: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the place, the table and the key of each setting that a pattern names and the file has."""
    for pattern in patterns:
        yield from _below("", raw, pattern.split("."))


def _below(place: str, table: Any, parts: list[str]) -> Iterator[tuple[str, dict[str, Any], str]]:
    if not isinstance(table, dict):
        return
    names = list(table) if parts[0] == "*" else [parts[0]] if parts[0] in table else []
    for name in names:
        here = f"{place}.{name}" if place else name
        if len(parts) == 1:
            yield here, table, name
        else:
            yield from _below(here, table[name], parts[1:])
