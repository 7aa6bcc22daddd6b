"""The settings of a cluster: which one, how browsers come to it, where its images and its claims come from."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from infra.settings.session_hosts import Domain, all_names
from infra.settings.setting_forms import Host, Network, Text
from infra.settings.settings_file import List, LocalPath, Settings

# The work namespace is called as the site's with WORK after it, and a name has 63 characters at most.
WORK = "-work"
Namespace = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=63 - len(WORK))
]
ObjectName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=63)
]
Registry = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(/[a-z0-9._-]+)*$")
]
LabelKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9./_-]*[A-Za-z0-9])?$")]
LabelValue = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$", max_length=63)
]
Labels = dict[LabelKey, LabelValue]


class Web(Settings):
    host: Host = Field(description="Name or IP address that browsers use")
    names: List[Host] = Field((), description="More names or addresses for the certificate")
    session_domain: Domain | None = Field(
        None,
        description="Name of the hub, below which each session has a host of its own, <login>.<it> (None: all are at "
        "one address)",
    )
    exposure: Literal["ingress", "gateway", "load-balancer", "node-port", "none"] = Field(
        description="How browsers come to the web server; none: the cluster's operators see to it"
    )
    ingress_class: Text | None = Field(
        None, description="Class of the Ingress (None: the cluster's default one)"
    )
    gateway: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")] | None = Field(
        None, description="Gateway that passes TLS through, as namespace/name"
    )
    node_port: int | None = Field(
        None, ge=1, le=65535, description="Port of every node (None: the cluster chooses it)"
    )
    annotations: dict[LabelKey, str] = Field(
        {},
        description="Of the Ingress, the route or the service: what the cluster's controller asks for",
    )
    sources: List[Network] = Field(
        (), description="Networks that may come to it (empty: all that the cluster lets in)"
    )
    proxies: List[Network] = Field(
        (),
        description="Networks of what stands before it and says the browser's address in X-Forwarded-For",
    )
    replicas: int = Field(2, ge=1, le=20, description="Pods of the web server")

    @property
    def all_names(self) -> tuple[str, ...]:
        return all_names(self.session_domain, self.host, self.names)

    @model_validator(mode="after")
    def _of_the_exposure(self) -> Self:
        owners = {
            "ingress_class": "ingress",
            "gateway": "gateway",
            "node_port": "node-port",
        }
        wrong = [
            f'{name}: is for exposure = "{kind}", leave it out'
            for name, kind in owners.items()
            if getattr(self, name) is not None and self.exposure != kind
        ]
        if self.exposure == "gateway" and self.gateway is None:
            wrong.append('gateway: exposure = "gateway" needs its namespace and name')
        if self.annotations and self.exposure == "none":
            wrong.append('annotations: nothing is made with exposure = "none", leave them out')
        if wrong:
            raise ValueError("\n".join(wrong))
        return self


class Images(Settings):
    registry: Registry | None = Field(
        None, description="The site's registry, with the path under which images are pushed"
    )
    archives: LocalPath | None = Field(
        None,
        description="Folder on your machine for archives that are laid on each node instead (no registry)",
    )
    pull_secrets: List[ObjectName] = Field(
        (), description="Secrets with which nodes log in at the registry, in both namespaces"
    )
    rstudio: bool = Field(
        False,
        description="Whether the image rstudio holds RStudio Server (false: a page takes its place, and profiles say so)",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.registry is None) == (self.archives is None):
            raise ValueError(
                "images come from a registry or by archives: say one of registry and archives"
            )
        if self.archives is not None and self.pull_secrets:
            raise ValueError("pull_secrets: are for a registry, leave them out")
        return self


class Nodes(Settings):
    services: Labels = Field({}, description="Labels of the nodes of web, hub, proxy and broker")
    sessions: Labels = Field({}, description="Labels of the nodes of sessions and executors")
    builds: Labels = Field({}, description="Labels of the nodes of builds")


class Dns(Settings):
    namespace: ObjectName = Field("kube-system", description="Namespace of the cluster's DNS")
    labels: Labels = Field({"k8s-app": "kube-dns"}, description="Labels of its pods")


class Executors(Settings):
    most: int = Field(
        8, ge=0, description="Most Spark executors and Dask workers of one session (0: none)"
    )
    scratch_gb: float = Field(
        20, gt=0, description="Disk of each for what is shuffled, in GB of 2^30 bytes"
    )


class Cluster(Settings):
    context: Text = Field(description="Context of the kubeconfig: which cluster, as whom")
    kubeconfig: LocalPath | None = Field(
        None, description="The kubeconfig on your machine (None: $KUBECONFIG, or ~/.kube/config)"
    )
    namespace: Namespace = Field(
        description="Namespace of the services; that of sessions and builds has `-work` after it"
    )
    time_zone: Annotated[str, StringConstraints(pattern=r"^(UTC|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+)$")] | None = Field(
        None, description="Time zone of the schedules of builds (None: the cluster's own)"
    )  # fmt: skip
    api_server: List[Network] = Field(
        min_length=1,
        description="Addresses at which pods find the API server: of `kubectl get endpoints kubernetes`",
    )
    api_server_ports: List[Annotated[int, Field(ge=1, le=65535)]] = Field(
        (6443,), min_length=1, description="Its ports there"
    )
    web: Web = Field(description="The web server, the only way in")
    images: Images = Field(description="Where nodes get the images from")
    nodes: Nodes = Field(Nodes(), description="On which nodes pods run")
    dns: Dns = Field(Dns(), description="The cluster's DNS, which alone sessions ask")
    executors: Executors = Field(Executors(), description="Pods beside a session, for its jobs")

    @property
    def work_namespace(self) -> str:
        return f"{self.namespace}{WORK}"
