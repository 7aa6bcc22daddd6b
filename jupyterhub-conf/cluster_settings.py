"""The part of site.json that says how the site runs on a Kubernetes cluster, and what such a site has not of a server."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from forms import Day, Frozen, Slug, Text, Url
from pydantic import AfterValidator, Field, StringConstraints

# Of Kubernetes: a name of a namespace or an object, and one of a person's login, which is part of names and labels.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Login = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=32)]
# By digest: what runs is what was tested, whatever a registry says of a tag.
ImageByDigest = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][^\s@]*@sha256:[0-9a-f]{64}$")]
# Analysts are no system users, neither of an image nor of a node.
Id = Annotated[int, Field(ge=1000, lt=2**31)]


def _inside(path: str) -> str:
    parts = path.split("/")
    if "" in parts or ".." in parts or "." in parts or "__" in path:
        raise ValueError(f"{path} is no path of a file within the welcome pages")
    return path


PagePath = Annotated[str, AfterValidator(_inside)]

# Where the hub's pod has the charter, which its chart mounts.
PAGES_OF_THE_HUB = "/etc/site/onboarding"
NOWHERE = "/nowhere"
# What only a server has, and what stands in its place on a cluster, where nothing reads it.
OF_A_SERVER: Mapping[str, Any] = {
    "images_file": NOWHERE,
    "run": NOWHERE,
    "pam_service": "none",
    "uids": {"first": 1000, "last": 2**31 - 1},
    "teams": {"folder": NOWHERE, "snapshots": NOWHERE},
    "releases": NOWHERE,
    "onboarding": PAGES_OF_THE_HUB,
    "network": "none",
    "restricted": {},
    "analysts_group": "analysts",
    "gpu_devices": [],
}
LOGINS_OF_A_SERVER: Mapping[str, Any] = {
    "second_factor": False,
    "password_min_length": 1,
    "password_min_classes": 1,
    "password_max_days": None,
    "password_socket": NOWHERE,
    "code_service": "none",
    "enrolment_service": "none",
    "second_factors": NOWHERE,
    "enrolments": NOWHERE,
}
# The group of those who read typed tables, by name; its number is the cluster's.
SOURCE_READERS = "openchronic-source"


class Account(Frozen):
    """An analyst: their uid in every pod, and the last day of the account."""

    uid: Id
    end: Day


class Homes(Frozen):
    """How the claim of a new home is asked for; without a class, the cluster's own default."""

    storage_class: Name | None
    access_mode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]


class Claims(Frozen):
    """The claims that all sessions share; a site may have given its own."""

    releases: Name = "releases"
    restricted: Name = "restricted"


class Cluster(Frozen):
    """The namespace of sessions, and all that their pods are made of. ``gids`` are the projects'. ``onboarding``: the paths of
    the welcome pages, by the ConfigMap that has them. ``memory_gb``: what the pods of all people may hold together; None: the
    scheduler alone says. ``executors`` and ``scratch_gb`` are for the broker, which makes executors and workers."""

    namespace: Name
    images: dict[Slug, ImageByDigest] = Field(min_length=1)
    pull_policy: Literal["Always", "IfNotPresent", "Never"]
    accounts: dict[Login, Account]
    gids: dict[Slug, Id]
    source_readers_gid: Id
    homes: Homes
    claims: Claims = Claims()
    home_gb: float = Field(gt=0)
    gpu_resource: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+/[A-Za-z0-9._-]+$")]
    broker_url: Url
    executors: int = Field(0, ge=0)
    scratch_gb: float = Field(20, gt=0)
    onboarding: dict[Name, list[PagePath]]
    demonstration: bool
    memory_gb: float | None = Field(None, gt=0)
    node_selector: dict[Text, str] = Field({})


def filled(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a cluster with what stands in the place of a server's. Raises ValueError, which names what a
    cluster cannot have."""
    logins = raw.get("logins")
    projects = raw.get("projects")
    wrong = [*sorted(set(raw) & set(OF_A_SERVER))]
    if isinstance(logins, dict):
        wrong += [f"logins.{name}" for name in sorted(set(logins) & set(LOGINS_OF_A_SERVER))]
        logins = {**LOGINS_OF_A_SERVER, **logins}
    if isinstance(projects, list):
        wrong += [
            f"projects.{at}.home"
            for at, one in enumerate(projects)
            if isinstance(one, dict) and "home" in one
        ]
        projects = [{**one, "home": NOWHERE} if isinstance(one, dict) else one for one in projects]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: of a server, and this site has a cluster")
    return {
        **OF_A_SERVER,
        **raw,
        "restricted": {
            "folder": NOWHERE,
            "group": SOURCE_READERS,
            "stores": [{"base": base, "place": store(base)} for base in _bases(projects)],
        },
        "logins": logins,
        "projects": projects,
    }


def store(base: str) -> str:
    """Return the folder of a base's typed tables within the restricted zone, the same as on a server."""
    return f"{base}/openchronic-{base}-store"


def _bases(projects: object) -> list[str]:
    found = projects if isinstance(projects, list) else []
    return sorted(
        {
            base
            for one in found
            if isinstance(one, dict)
            for base in one.get("bases") or ()
            if isinstance(base, str)
        }
    )


def contradictions(
    cluster: Cluster,
    *,
    images: Mapping[str, str],
    projects: list[str],
    oidc: bool,
    ldap: bool,
) -> Iterator[str]:
    """Yield what does not go together; `images` by the profile that names them, `projects` by slug."""
    for profile, image in images.items():
        if image not in cluster.images:
            yield f"profiles: {profile}: cluster.images has no {image}"
    for slug in projects:
        if slug not in cluster.gids:
            yield f"cluster.gids has no {slug}, a project"
        if slug.endswith("-"):
            yield f"projects: {slug}: ends with a hyphen, which no name of a cluster may"
    numbers = [one.uid for one in cluster.accounts.values()]
    gids = [*cluster.gids.values(), cluster.source_readers_gid]
    if len(set(numbers)) < len(numbers):
        yield "cluster.accounts: two people have one uid, and could read each other's files"
    if len(set(gids)) < len(gids):
        yield "cluster.gids: two groups have one gid, and could read each other's files"
    # A person's own group has the number of their uid.
    if set(numbers) & set(gids):
        yield "cluster.gids: a group has the number of somebody's own group"
    if ldap:
        yield "logins.ldap: SSSD asks a server's directory, and a cluster has none: use logins.oidc"
    if oidc == cluster.demonstration:
        yield "logins: exactly one of logins.oidc and cluster.demonstration says how people log in"
