"""The Secrets of a site: made once, where they are absent, and never shown; the certificate follows its files."""

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from infra.cluster.images_record import state
from infra.cluster.reaching import RELEASE, Cluster
from infra.cluster.render import TLS_SECRET, key_secret
from infra.components.web.certificates import Certificate, site_certificate
from infra.settings.cluster_site import ClusterSite, ClusterTls
from infra.settings.site import Tls

HUB = "bigdata-hub"
GATE = "bigdata-web"
LOGINS = "bigdata-logins"
TOKENS = ("CONFIGPROXY_AUTH_TOKEN", "CULLER_API_TOKEN", "SESSION_GATE_SECRET")
DEMONSTRATION = "DEMONSTRATION_PASSWORD"
# Not the chart's, so that no helm command ever changes or removes them.
MANAGED = {
    "app.kubernetes.io/managed-by": "openchronic-deploy",
    "app.kubernetes.io/part-of": RELEASE,
}


def ensure_keys(cluster: Cluster) -> list[str]:
    """Make what is absent, and return a line for each Secret that was made or changed, without its content."""
    site, said = cluster.site, []
    said += _hub_and_gate(cluster)
    for base in site.bases:
        name = key_secret(base)
        if not cluster.has("secret", name, namespace=cluster.work):
            cluster.create(_secret(name, cluster.work, {"key": _key()}))
            said.append(f"made the key of the base {base}: Secret {name}")
    if site.logins.oidc is not None:
        content = site.logins.oidc.client_secret.read_text(encoding="ascii").strip()
        said += _follow(cluster, _secret(LOGINS, cluster.namespace, {"client-secret": content}))
    if site.tls.authority != "secret":
        made = certificate(site)
        content_of = {"tls.crt": made.chain.decode(), "tls.key": made.key.decode()}
        said += _follow(
            cluster,
            _secret(TLS_SECRET, cluster.namespace, content_of, kind="kubernetes.io/tls"),
        )
    return said


def certificate(site: ClusterSite) -> Certificate:
    """Return the certificate as a server has it: the site's files, or one that its own CA signs. Raises DeployRefused."""
    return site_certificate(
        _as_on_a_server(site.tls),
        names=site.cluster.web.all_names,
        state=state(site),
        domain=site.session_domain,
    )


def _as_on_a_server(tls: ClusterTls) -> Tls:
    return Tls.model_validate(tls.model_dump(exclude={"secret"}))


def _hub_and_gate(cluster: Cluster) -> list[str]:
    wanted = [*TOKENS, *([DEMONSTRATION] if cluster.site.is_demonstration else [])]
    there = _content(cluster, HUB)
    missing = [name for name in wanted if name not in there]
    said = []
    if missing:
        content = there | {name: secrets.token_hex(32) for name in missing if name != DEMONSTRATION}
        if DEMONSTRATION in missing:
            content[DEMONSTRATION] = secrets.token_urlsafe(12)
        # Only whoever may read Secrets in the namespace sees it, by this.
        cluster.apply(_secret(HUB, cluster.namespace, content))
        said.append(f"made {', '.join(missing)}: Secret {HUB}")
        there = content
    # nginx reads no variable of its environment.
    line = f"set $gate_secret {there['SESSION_GATE_SECRET']};\n"
    return said + _follow(cluster, _secret(GATE, cluster.namespace, {"gate-secret.conf": line}))


def _follow(cluster: Cluster, wanted: dict[str, Any]) -> list[str]:
    """Make a Secret say what it should, and return a line where it did not."""
    name = wanted["metadata"]["name"]
    if _content(cluster, name) == _decoded(wanted["data"]):
        return []
    cluster.apply(wanted)
    return [f"wrote the Secret {name}"]


def _content(cluster: Cluster, name: str) -> dict[str, str]:
    if not cluster.has("secret", name, namespace=cluster.namespace):
        return {}
    found = cluster.read("secret", name, "--namespace", cluster.namespace)
    return _decoded(found.get("data") or {})


def _decoded(data: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def _secret(
    name: str, namespace: str, content: Mapping[str, str], *, kind: str = "Opaque"
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": MANAGED},
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in content.items()},
    }


def _key() -> str:
    # As on a server: 32 random bytes, in base64.
    return base64.b64encode(secrets.token_bytes(32)).decode()
