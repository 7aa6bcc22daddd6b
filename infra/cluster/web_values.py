"""The chart's values of the web server: how browsers come to it, its certificate, and the names that it answers to."""

from typing import Literal

from pydantic import Field

from infra.cluster.value_forms import Cidr, Host, Label, List, Text, Value


class Exposure(Value):
    kind: Literal["ingress", "gateway", "loadBalancer", "nodePort", "none"] = Field(
        description="How browsers come to the service `web`; none: the cluster's operators see to it"
    )
    class_name: Text | None = Field(None, description="Ingress class (kind: ingress)")
    annotations: dict[str, str] = Field(
        {},
        description="Of the Ingress, the route or the service: what the site's controller asks for",
    )
    gateway: Text | None = Field(
        None, description="Gateway, as namespace/name, which passes TLS through (kind: gateway)"
    )
    node_port: int | None = Field(
        None, ge=1, le=65535, description="Port of every node (kind: nodePort; null: any)"
    )


class Tls(Value):
    secret: Label = Field(
        "bigdata-web-tls", description="Secret of type kubernetes.io/tls in the release's namespace"
    )


class Names(Value):
    """Lists of server_name, as on a server (`infra/components/web`)."""

    all: List[Host] = Field(min_length=1, description="All that the web server answers to")
    hub: List[Host] = Field(min_length=1, description="Those of the hub")
    other: List[Host] = Field(min_length=1, description="Those that lead to the session domain")
    domain: str = Field("", description="The session domain (empty: none)")
    domain_pattern: str = Field("", description="The same as a regular expression")


class Web(Value):
    replicas: int = Field(2, ge=1, le=20, description="Pods of the web server")
    exposure: Exposure = Field(description="How browsers come to it")
    tls: Tls = Field(Tls(), description="Its certificate")
    names: Names = Field(description="Its names")
    session_paths: Text = Field(
        description="Regular expression of the first path segments that browsers may ask of sessions"
    )
    sources: List[Cidr] = Field(
        (), description="Networks that may come to it (empty: any that the cluster lets in)"
    )
    proxies: List[Cidr] = Field(
        (),
        description="Networks of what stands before it and tells the browser's address in X-Forwarded-For",
    )
