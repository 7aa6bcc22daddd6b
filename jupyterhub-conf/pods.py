"""Computes the pod of a session on a cluster: what `sessions.py` says of a container, in Kubernetes' form. Pure functions.

The pod holds no token of the cluster, and all that the chart's admission policy allows it, no more.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import sessions
from cluster_settings import Cluster
from restricted import opened
from sessions import Person
from settings import Profile, Project, Settings

OWNER, PROJECT = "bigdata.openchronic/owner", "bigdata.openchronic/project"
PROFILE = "bigdata.openchronic/profile"
PASSWD, GROUP = "bigdata.openchronic/passwd", "bigdata.openchronic/group"
COMPONENT = "app.kubernetes.io/component"
SESSION = "session"
# KubeSpawner looks for these names.
CONTAINER, PORT = "notebook", "notebook-port"
SESSION_PORT = 8888
SERVICE_ACCOUNT = "session"
# As Docker waits before it kills.
GRACE_S = 10
# Of a profile's processors, a node keeps this part for a session that computes beside others.
CPUS_SHARED_BY = 10
# The culler stops a session at its greatest age; the cluster does it where the culler does not.
SECOND_BARRIER_S = 3600
# The file server's answer is waited for this long, a look each two seconds.
LOOK_S, STARTS_WITHIN_S = 2, 180


def cluster_of(settings: Settings) -> Cluster:
    assert settings.cluster, "jupyterhub_config.py uses this for a site with a cluster"
    return settings.cluster


def find_account(login: str, settings: Settings) -> Person | None:
    """Return the person of an account of the cluster, ended or not; None for an unknown login."""
    account = cluster_of(settings).accounts.get(login)
    if account is None:
        return None
    # A group of one's own, as on a server; there is none of all analysts.
    return Person(login=login, uid=account.uid, gid=account.uid, analysts_gid=account.uid)


def pod_name(login: str) -> str:
    return f"session-{login}"


def labels(component: str, *, login: str, project: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "bigdata",
        "app.kubernetes.io/instance": "bigdata",
        "app.kubernetes.io/managed-by": "jupyterhub",
        COMPONENT: component,
        OWNER: login,
        PROJECT: project,
    }


def groups(project: Project, settings: Settings) -> dict[str, int]:
    """Return the gids of the session's groups by name: the project, and the readers of typed tables if it may read some."""
    cluster = cluster_of(settings)
    found = {project.group: cluster.gids[project.slug]}
    if opened(settings.restricted, project=project):
        found[settings.restricted.group] = cluster.source_readers_gid
    return found


def session_pod(
    person: Person,
    project: Project,
    profile: Profile,
    settings: Settings,
    *,
    mine: Sequence[Project],
    now: datetime.datetime,
    environment: Mapping[str, str],
) -> dict[str, Any]:
    """Return the pod of a session. `environment`: the hub's own variables. `mine`: all projects of the person."""
    cluster = cluster_of(settings)
    given = groups(project, settings)
    variables = {
        **environment,
        **sessions.environment(person, project, settings, profile=profile, mine=mine, now=now),
        "OPENCHRONIC_BROKER": cluster.broker_url,
        "OPENCHRONIC_NAMESPACE": cluster.namespace,
        "OPENCHRONIC_EXECUTORS": str(cluster.executors),
    }
    volumes, mounts = storage(person, project, profile, settings)
    container = {
        "name": CONTAINER,
        "image": cluster.images[profile.image],
        "imagePullPolicy": cluster.pull_policy,
        "workingDir": sessions.container_home(person),
        "env": [
            *({"name": name, "value": value} for name, value in sorted(variables.items())),
            {
                "name": "OPENCHRONIC_POD_IP",
                "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}},
            },
        ],
        "ports": [{"name": PORT, "containerPort": SESSION_PORT, "protocol": "TCP"}],
        "resources": resources(profile, settings),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # Of the start alone: a session that computes answers late, and must not be ended for it.
        "startupProbe": {
            "exec": {"command": ["/usr/local/bin/healthy"]},
            "periodSeconds": LOOK_S,
            "timeoutSeconds": 10,
            "failureThreshold": STARTS_WITHIN_S // LOOK_S,
        },
        "volumeMounts": mounts,
    }
    greatest_age_s = int(settings.idle.greatest_age_hours * 3600)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(person.login),
            "namespace": cluster.namespace,
            "labels": labels(SESSION, login=person.login, project=project.slug),
            "annotations": {
                PROFILE: profile.slug,
                PASSWD: sessions.passwd(person),
                GROUP: sessions.group(person, given),
                # A node that is wanted no more waits for its sessions.
                "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
            },
        },
        "spec": {
            "restartPolicy": "Never",
            "serviceAccountName": SERVICE_ACCOUNT,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "activeDeadlineSeconds": greatest_age_s + SECOND_BARRIER_S,
            "terminationGracePeriodSeconds": GRACE_S,
            "securityContext": {
                "runAsUser": person.uid,
                "runAsGroup": person.gid,
                "runAsNonRoot": True,
                # A volume that the cluster hands out empty is made the project's, and its members' to write in.
                "fsGroup": cluster.gids[project.slug],
                "fsGroupChangePolicy": "OnRootMismatch",
                "supplementalGroups": list(given.values()),
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            "volumes": volumes,
            **placement(profile, cluster),
        },
    }


def resources(profile: Profile, settings: Settings) -> dict[str, dict[str, str]]:
    """Return the limits of the profile, and what a node keeps for the session: as on a server, its memory by the site's
    overcommit, and of processors little, since those who compute share them."""
    overcommit, cpu = settings.sessions.memory_overcommit, round(profile.cpus * 1000)
    cards = {cluster_of(settings).gpu_resource: str(profile.gpus)} if profile.gpus else {}
    return {
        "limits": {"memory": str(profile.memory_bytes), "cpu": f"{cpu}m", **cards},
        "requests": {
            "memory": str(int(profile.memory_bytes / max(1, overcommit))),
            "cpu": f"{max(10, cpu // CPUS_SHARED_BY)}m",
            **cards,
        },
    }


def placement(profile: Profile, cluster: Cluster) -> dict[str, Any]:
    """Return on which nodes the pod may run: nodes with cards refuse pods that do not tolerate it."""
    found: dict[str, Any] = {}
    if cluster.node_selector:
        found["nodeSelector"] = dict(cluster.node_selector)
    if profile.gpus:
        found["tolerations"] = [
            {"key": cluster.gpu_resource, "operator": "Exists", "effect": "NoSchedule"}
        ]
    return found


def storage(
    person: Person, project: Project, profile: Profile, settings: Settings
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the volumes of a session and where they are mounted. A base that is not the project's is not among them: of the
    claims that all share, folders alone are mounted, read-only."""
    cluster, inside = cluster_of(settings), settings.inside
    volumes = [
        _claim("home", home_claim_name(person.login, project.slug)),
        _claim("team", f"team-{project.slug}"),
        # Memory of the session: it counts in its limit.
        _memory("tmp", profile.memory_bytes // 4),
        _memory("shm", profile.shm_bytes),
        {
            "name": "identity",
            "downwardAPI": {
                "items": [
                    {"path": "passwd", "fieldRef": _annotation(PASSWD)},
                    {"path": "group", "fieldRef": _annotation(GROUP)},
                ]
            },
        },
    ]
    mounts = [
        {"name": "home", "mountPath": sessions.container_home(person)},
        {"name": "team", "mountPath": f"{inside.teams}/{project.slug}"},
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 the session's own
        {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108
        _read_only("identity", "/etc/passwd", part="passwd"),
        _read_only("identity", "/etc/group", part="group"),
    ]
    if cluster.onboarding:
        volumes.append({"name": "onboarding", "projected": {"sources": _pages(cluster)}})
        mounts.append({"name": "onboarding", "mountPath": inside.onboarding, "readOnly": True})
    if project.bases:
        volumes.append(_claim("releases", cluster.claims.releases, read_only=True))
        mounts += [
            _read_only("releases", f"{inside.releases}/{base}", part=base) for base in project.bases
        ]
    if stores := opened(settings.restricted, project=project):
        volumes.append(_claim("restricted", cluster.claims.restricted, read_only=True))
        mounts += [
            _read_only("restricted", f"{inside.restricted}/{one.place}", part=one.place)
            for one in stores
        ]
    return volumes, mounts


def home_claim_name(login: str, project: str) -> str:
    """Return the name of a home. With a hyphen instead of the dot, which neither may have, login `a-b` in project `c` and
    login `a` in project `b-c` would share one."""
    return f"home-{login}.{project}"


def home_claim(person: Person, project: Project, settings: Settings) -> dict[str, Any]:
    """Return the claim of a person's home for a project, which is made at the first session and stays."""
    cluster = cluster_of(settings)
    spec: dict[str, Any] = {
        "accessModes": [cluster.homes.access_mode],
        "resources": {"requests": {"storage": str(int(cluster.home_gb * 2**30))}},
    }
    if cluster.homes.storage_class:
        spec["storageClassName"] = cluster.homes.storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": home_claim_name(person.login, project.slug),
            "namespace": cluster.namespace,
            "labels": labels("home", login=person.login, project=project.slug),
        },
        "spec": spec,
    }


def _pages(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the welcome pages as parts of one volume: keys of ConfigMaps have no folders, so that `__` stands for `/`."""
    return [
        {
            "configMap": {
                "name": name,
                "items": [{"key": path.replace("/", "__"), "path": path} for path in paths],
            }
        }
        for name, paths in sorted(cluster.onboarding.items())
    ]


def _claim(name: str, claim: str, *, read_only: bool = False) -> dict[str, Any]:
    more = {"readOnly": True} if read_only else {}
    return {"name": name, "persistentVolumeClaim": {"claimName": claim, **more}}


def _memory(name: str, size: int) -> dict[str, Any]:
    return {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": str(size)}}


def _annotation(name: str) -> dict[str, str]:
    return {"apiVersion": "v1", "fieldPath": f"metadata.annotations['{name}']"}


def _read_only(volume: str, path: str, *, part: str) -> dict[str, Any]:
    return {"name": volume, "mountPath": path, "subPath": part, "readOnly": True}
