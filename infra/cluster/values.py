"""The values of the chart charts/bigdata: what a site gives it, and the only thing that its templates read.

Lists hold what a site must replace whole (Helm merges tables: an account of the chart's demonstration would stay).
"""

from typing import Literal

from pydantic import Field

from infra.cluster.login_values import Logins
from infra.cluster.storage_values import Claim, GivenClaim, Storage
from infra.cluster.value_forms import (
    Cidr,
    CronSchedule,
    Day,
    FileName,
    Gigabytes,
    Image,
    Label,
    List,
    Number,
    Resource,
    Slug,
    Text,
    Value,
)
from infra.cluster.web_values import Web


class Way(Value):
    label: Text = Field(description="Name, e-mail address or telephone number of who helps")
    address: str = Field(description="Address of a link to it, empty for a name alone")


class Site(Value):
    title: Text = Field(description="Name that analysts read on every page (French)")
    url: str = Field(
        pattern=r"^https://[^\s/]+/$", description="Address that browsers open, with a last slash"
    )
    session_domain: str | None = Field(
        None, description="Name below which each session has a host of its own (null: none has)"
    )
    help: List[Way] = Field((), description="Who helps analysts")
    administrators: List[Slug] = Field(
        (), description="Logins that see all sessions and may stop them"
    )


class Pull(Value):
    policy: Literal["IfNotPresent", "Never", "Always"] = Field(
        "IfNotPresent", description="Never: the images were laid on the nodes"
    )
    secrets: List[Label] = Field(
        (), description="Secrets for the registry, in both namespaces, by name"
    )


class Hub(Value):
    login_s: int = Field(
        86400, gt=0, description="How long a login lasts, in seconds; and a session's gate"
    )
    logins: Logins = Field(description="How analysts log in")


class Account(Value):
    login: Slug = Field(description="Name to log in with")
    uid: Number = Field(description="Number that its pods run as")
    end: Day = Field(description="Last day on which the account is open")


class Period(Value):
    first: Day | None = Field(None, description="First day (null: no limit)")
    last: Day | None = Field(None, description="Last day (null: no limit)")


class Member(Period):
    login: Slug = Field(description="Who may open a session for the project, on these days")


class Project(Value):
    slug: Slug = Field(description="Its name in claims, labels and folders")
    title: Text = Field(description="Name that analysts read (French)")
    purpose: Text = Field(description="What the data are used for (French)")
    gid: Number = Field(description="Group that owns its shared folder")
    bases: List[Slug] = Field((), description="Bases whose releases it reads")
    source_tables: bool = Field(
        False, description="Whether it also reads their delivered tables, typed"
    )
    members: List[Member] = Field((), description="Who may open a session for it, and when")
    period: Period = Field(Period(), description="The days of the project itself")
    quota_gb: Gigabytes = Field(description="Size of its shared folder, in units of 2^30 bytes")


class Profile(Value):
    slug: Slug = Field(description="Its name")
    title: Text = Field(description="Name that analysts read (French)")
    description: str = Field("", description="What it is for (French)")
    image: Slug = Field(description="Image of its sessions: a key of `images`")
    memory_gb: Gigabytes = Field(description="Memory limit, in units of 2^30 bytes")
    cpus: float = Field(gt=0, description="Processor limit")
    shm_gb: Gigabytes | None = Field(
        None, description="Most that is shared at /dev/shm (null: a quarter of memoryGb)"
    )
    gpus: int = Field(0, ge=0, description="Number of nodes.gpu.resource that a session asks for")
    projects: List[Slug] = Field(
        (), description="Projects whose sessions may use it (empty: those of every project)"
    )


class Idle(Value):
    cull_after_minutes: float = Field(120, ge=1, description="A session without activity stops")
    check_every_minutes: float = Field(5, ge=0.1, description="How often that is looked at")
    greatest_age_hours: float = Field(168, ge=1, description="Any session stops at this age")


class Sessions(Value):
    memory_overcommit: float = Field(
        1, ge=1, le=10, description="A session's memory request is its limit divided by this"
    )
    memory_gb: Gigabytes | None = Field(
        None,
        description="Most memory that all sessions and executors may ask for (null: what the nodes have)",
    )
    user_gb: Gigabytes | None = Field(
        None, description="Most memory of one user's sessions together (null: no limit)"
    )
    idle: Idle = Field(Idle(), description="Idle sessions")


class Build(Value):
    memory_mi: int = Field(gt=0, description="Memory limit of its pod, in units of 2^20 bytes")
    cpus: int = Field(ge=1, description="Processors of its pod")
    options: List[str] = Field(description="Options of `openchronic build`, as it takes them")


class Synthetic(Value):
    patients: int = Field(ge=1, description="Patients to make up")
    seed: int = Field(1, ge=0, description="Same seed, same files")
    years: int = Field(3, ge=1, le=20, description="Years of data")


class Base(Value):
    slug: Slug = Field(description="Its name in folders and in oc.release(…)")
    schedule: CronSchedule = Field(description="When it is built, as cron says it")
    time_zone: Text | None = Field(None, description="Time zone of it (null: the cluster's)")
    source: Claim | GivenClaim = Field(description="The claim with its SNDS files as delivered")
    typed: bool = Field(False, description="Whether some project reads its typed tables")
    store: str = Field(
        pattern=r"^[a-z0-9-]+/[a-z0-9-]+$",
        description="Folder of its typed tables in the restricted claim: what sessions have mounted",
    )
    zone: List[Label] = Field(
        description="Folders of the restricted claim, below the base's own, that a build needs"
    )
    key_secret: Label = Field(
        description="Secret of the work namespace whose `key` hashes its identifiers"
    )
    build: Build = Field(description="Means given to its build")
    synthetic: Synthetic | None = Field(
        None, description="Make the source up (demonstrations only)"
    )


class Spark(Value):
    executors: int = Field(
        8, ge=0, description="Most Spark executors and Dask workers of a session together (0: none)"
    )
    scratch_gb: Gigabytes = Field(
        20, description="Disk of each for what is shuffled, in units of 2^30 bytes"
    )


class Dns(Value):
    namespace: Label = Field("kube-system", description="Namespace of the cluster's DNS")
    labels: dict[str, str] = Field(
        {"k8s-app": "kube-dns"}, description="Labels of its pods, in that namespace"
    )


class Policies(Value):
    api_server: List[Cidr] = Field(
        description="Addresses of the API server, as pods' packets carry them: what hub and broker may call"
    )
    api_server_ports: List[int] = Field((443, 6443), description="Its ports")
    logins: List[Cidr] = Field(
        (),
        description="Networks of the provider of logins and of the DNS servers that know it: the hub may call them",
    )
    dns: Dns = Field(Dns(), description="The cluster's DNS")


class Nodes(Value):
    """Labels of the nodes on which pods run (empty: on any)."""

    services: dict[str, str] = Field({}, description="For web, hub, proxy, culler and broker")
    sessions: dict[str, str] = Field({}, description="For sessions, executors and workers")
    builds: dict[str, str] = Field({}, description="For builds")
    gpu_resource: Resource = Field(
        "nvidia.com/gpu",
        description="What nodes call a card, or a MIG slice of one; tolerated as a taint",
    )


class Texts(Value):
    pages: dict[FileName, str] = Field({}, description="The web server's own pages, by path")
    onboarding: dict[FileName, str] = Field(
        {}, description="What analysts find on their first day, by path"
    )


class Values(Value):
    """The whole of the values."""

    site: Site = Field(description="What analysts read, and where")
    images: dict[Slug, Image] = Field(
        description="Image of each name, by digest: web, jupyterhub, spark (builds), those of profiles"
    )
    pull: Pull = Field(Pull(), description="How nodes get the images")
    web: Web = Field(description="The web server, the only way in")
    hub: Hub = Field(description="JupyterHub")
    accounts: List[Account] = Field(description="Analysts")
    projects: List[Project] = Field(description="Projects: who reads what")
    profiles: List[Profile] = Field(
        min_length=1, description="Session sizes, in the order of the start page"
    )
    sessions: Sessions = Field(Sessions(), description="Limits of all sessions")
    storage: Storage = Field(description="Claims: classes, sizes, access modes, owners")
    bases: List[Base] = Field(min_length=1, description="Databases that are built")
    spark: Spark = Field(Spark(), description="Executors and workers")
    policies: Policies = Field(description="Who may reach whom, beyond the cluster's own pods")
    nodes: Nodes = Field(Nodes(), description="Where pods run")
    texts: Texts = Field(Texts(), description="Pages of this site")
