"""What a hub or a broker in somebody else's hands could ask of the API server, and the rule that must refuse each.

A place is a path in the pod: parts by dots, and those that hold dots after a `|`; `+` adds to a list, `@x` is the volume x.
"""

from dataclasses import dataclass
from typing import Any

from tests.charts.rendering import GONE

C = "spec.containers.0"
OWNER, PROJECT = "bigdata.openchronic/owner", "bigdata.openchronic/project"
DIGEST = "sha256:" + "b" * 64


@dataclass(frozen=True)
class Attack:
    what: str
    rule: str
    changes: dict[str, Any]
    of: str = "session"


def _label(name: str, value: Any) -> dict[str, Any]:
    return {f"metadata|labels|{name}": value}


def _volume(source: dict[str, Any]) -> dict[str, Any]:
    return {"spec.volumes.+": {"name": "more", **source}}


def _claim(name: str, *, read_only: bool = False) -> dict[str, Any]:
    more = {"readOnly": True} if read_only else {}
    return _volume({"persistentVolumeClaim": {"claimName": name, **more}})


def _mount(volume: str, **said: Any) -> dict[str, Any]:
    return {f"{C}.volumeMounts.+": {"name": volume, "mountPath": "/more", **said}}


def _env(source: dict[str, Any]) -> dict[str, Any]:
    return {f"{C}.env.+": {"name": "MORE", "valueFrom": source}}


ATTACKS = (
    # Somebody else.
    Attack("another's home", "claims", _claim("home-alix.parcours")),
    Attack("one's own home for another project", "claims", _claim("home-demo.parcours")),
    Attack("another project's folder", "claims", _claim("team-parcours")),
    Attack("a claim of a source", "claims", _claim("source-demo", read_only=True)),
    Attack("another's number", "identity", {"spec.securityContext.runAsUser": 1000123}),
    Attack("another's number in the container", "identity", {f"{C}.securityContext.runAsUser": 1000123}),
    Attack("another group", "identity", {"spec.securityContext.runAsGroup": 2000457}),
    Attack("another group in the container", "identity", {f"{C}.securityContext.runAsGroup": 2000457}),
    Attack("another project's group", "identity", {"spec.securityContext.supplementalGroups.+": 2000457}),
    Attack("another group of volumes", "identity", {"spec.securityContext.fsGroup": 1000123}),
    Attack("no number", "identity", {"spec.securityContext.runAsUser": GONE}),
    Attack("the builder's number", "identity", {"spec.securityContext.runAsUser": 1000789}),
    Attack("another's name", "name", _label(OWNER, "alix")),
    Attack("an unknown owner", "owner", _label(OWNER, "nobody")),
    Attack("no owner", "owner", _label(OWNER, GONE)),
    Attack("no project", "project", _label(PROJECT, GONE)),
    Attack("an unknown project", "project", _label(PROJECT, "nothing")),
    Attack("no labels", "name", {"metadata.labels": GONE}),
    Attack("another component", "name", _label("app.kubernetes.io/component", "build")),
    Attack("a name of one's own", "name", {"metadata.name": "session-alix"}),
    # Data.
    Attack("releases to write", "claims", {"spec.volumes.@releases.persistentVolumeClaim.readOnly": False}),
    Attack("typed tables to write", "claims", {"spec.volumes.@restricted.persistentVolumeClaim.readOnly": GONE}),
    Attack("releases mounted to write", "folders", _mount("releases", subPath="demo")),
    Attack("another base", "folders", _mount("releases", subPath="cohorte", readOnly=True)),
    Attack("all bases", "folders", _mount("releases", readOnly=True)),
    Attack("all bases by an empty path", "folders", _mount("releases", readOnly=True, subPath="")),
    Attack("another base's typed tables", "folders", _mount("restricted", subPath="cohorte/openchronic-cohorte-store", readOnly=True)),
    Attack("work of a build", "folders", _mount("restricted", subPath="demo/openchronic-demo-work", readOnly=True)),
    Attack("a path that a variable makes", "folders", _mount("releases", subPathExpr="$(BASE)", readOnly=True)),
    Attack("a disk as a device", "folders", {f"{C}.volumeDevices": [{"name": "home", "devicePath": "/dev/x"}]}),
    Attack("releases under another name, to write", "claims", _claim("releases")),
    Attack("the whole of the releases under another name", "folders", {**_claim("releases", read_only=True), **_mount("more", readOnly=True)}),
    # The node, the cluster.
    Attack("a folder of the node", "volumes", _volume({"hostPath": {"path": "/"}})),
    Attack("a Secret as a folder", "volumes", _volume({"secret": {"secretName": "bigdata-build-demo"}})),
    Attack("a Secret among projected ones", "volumes", _volume({"projected": {"sources": [{"secret": {"name": "bigdata-build-demo"}}]}})),
    Attack("a token among projected ones", "volumes", _volume({"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}})),
    Attack("another ConfigMap", "volumes", _volume({"configMap": {"name": "kube-root-ca.crt"}})),
    Attack("a network file system", "volumes", _volume({"nfs": {"server": "192.0.2.1", "path": "/"}})),
    Attack("a volume of a driver", "volumes", _volume({"csi": {"driver": "any.example"}})),
    Attack("a claim made on the fly", "volumes", _volume({"ephemeral": {"volumeClaimTemplate": {"spec": {}}}})),
    Attack("a folder without a limit", "volumes", _volume({"emptyDir": {}})),
    Attack("a Secret as a variable", "secrets", _env({"secretKeyRef": {"name": "bigdata-build-demo", "key": "key"}})),
    Attack("a ConfigMap as a variable", "secrets", _env({"configMapKeyRef": {"name": "x", "key": "y"}})),
    Attack("all of a Secret as variables", "secrets", {f"{C}.envFrom": [{"secretRef": {"name": "bigdata-build-demo"}}]}),
    Attack("a token", "account", {"spec.automountServiceAccountToken": True}),
    Attack("a token, unless the account says no", "account", {"spec.automountServiceAccountToken": GONE}),
    Attack("the account of builds", "account", {"spec.serviceAccountName": "build"}),
    Attack("no account", "account", {"spec.serviceAccountName": GONE}),
    Attack("the node's network", "host", {"spec.hostNetwork": True}),
    Attack("the node's processes", "host", {"spec.hostPID": True}),
    Attack("the node's shared memory", "host", {"spec.hostIPC": True}),
    Attack("a port of the node", "host", {f"{C}.ports.+": {"containerPort": 1, "hostPort": 1}}),
    Attack("a kernel setting", "host", {"spec.securityContext.sysctls": [{"name": "net.core.somaxconn", "value": "1"}]}),
    Attack("a node of one's choice", "node", {"spec.nodeName": "node1"}),
    Attack("nodes that others avoid", "node", {"spec.tolerations": [{"operator": "Exists"}]}),
    Attack("the control plane", "node", {"spec.tolerations": [{"key": "node-role.kubernetes.io/control-plane", "operator": "Exists"}]}),
    Attack("room that the cluster's own pods make", "node", {"spec.priorityClassName": "system-node-critical"}),
    # Rights.
    Attack("privileged", "confinement", {f"{C}.securityContext.privileged": True}),
    Attack("more privileges later", "confinement", {f"{C}.securityContext.allowPrivilegeEscalation": True}),
    Attack("a capability", "confinement", {f"{C}.securityContext.capabilities.add": ["NET_ADMIN"]}),
    Attack("capabilities as they are", "confinement", {f"{C}.securityContext.capabilities": GONE}),
    Attack("a root file system to write", "confinement", {f"{C}.securityContext.readOnlyRootFilesystem": False}),
    Attack("no filter of system calls", "confinement", {"spec.securityContext.seccompProfile.type": "Unconfined"}),
    Attack("none in the container", "confinement", {f"{C}.securityContext.seccompProfile": {"type": "Unconfined"}}),
    Attack("all of /proc", "confinement", {f"{C}.securityContext.procMount": "Unmasked"}),
    Attack("no confinement", "confinement", {f"{C}.securityContext": GONE}),
    # Programs and means.
    Attack("a foreign image", "image", {f"{C}.image": f"evil.example/x@{DIGEST}"}),
    Attack("our image by a tag", "image", {f"{C}.image": "bigdata/jupyter:latest"}),
    Attack("the image of the hub", "image", {f"{C}.image": "bigdata/jupyterhub@sha256:" + "0" * 64}),
    Attack("two images as one", "image", {f"{C}.image": "bigdata/jupyter@sha256:" + "0" * 64 + " evil"}),
    Attack("a second container", "one container", {"spec.containers.+": {"name": "more", "image": f"evil.example/x@{DIGEST}"}}),
    Attack("a container before it", "one container", {"spec.initContainers": [{"name": "more", "image": "evil.example/x"}]}),
    Attack("a container put into it", "one container", {"spec.ephemeralContainers": [{"name": "more", "image": "evil.example/x"}]}),
    Attack("more memory than any profile", "limits", {f"{C}.resources.limits.memory": "3073Mi"}),
    Attack("more processors than any profile", "limits", {f"{C}.resources.limits.cpu": "2001m"}),
    Attack("no limit of memory", "limits", {f"{C}.resources.limits.memory": GONE}),
    Attack("no limits", "limits", {f"{C}.resources": GONE}),
    Attack("a card that no profile has", "limits", {f"{C}|resources|limits|nvidia.com/gpu": "1"}),
    Attack("another device of the node", "limits", {f"{C}|resources|limits|example.com/device": "1"}),
    Attack("a device by a claim", "limits", {"spec.resourceClaims": [{"name": "x", "resourceClaimName": "y"}]}),
    # Executors, by the broker.
    Attack("an executor without a session", "session", {"metadata.ownerReferences": GONE}, "executor"),
    Attack("an executor of another's session", "session", {"metadata.ownerReferences.0.name": "session-alix"}, "executor"),
    Attack("an executor of something else", "session", {"metadata.ownerReferences.0.kind": "Node"}, "executor"),
    Attack("an executor with two owners", "session", {"metadata.ownerReferences.+": {"apiVersion": "v1", "kind": "Pod", "name": "session-demo", "uid": "x"}}, "executor"),
    Attack("a session by the broker", "name", _label("app.kubernetes.io/component", "session"), "executor"),
    Attack("a home in an executor", "claims", _claim("home-demo.variations"), "executor"),
    Attack("an executor of another's name", "name", {"metadata.name": "executor-alix-1"}, "executor"),
    Attack("an executor with another's number", "identity", {"spec.securityContext.runAsUser": 1000123}, "executor"),
)  # fmt: skip
