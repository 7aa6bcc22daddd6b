"""`make status` of a site on a cluster: how its pods, sessions, claims, builds and certificate are, and what needs a hand."""

import base64
import dataclasses
import datetime
import json
from collections.abc import Iterator
from typing import Any

from cryptography import x509

from infra.cluster.build_status import build
from infra.cluster.reaching import RELEASE, Cluster
from infra.cluster.render import TLS_SECRET
from infra.components.web.given import WARN_DAYS
from infra.operate.status_needs import Need
from infra.settings.cluster_site import ClusterSite

Told = dict[str, Any]
OWNER, PROJECT = "bigdata.openchronic/owner", "bigdata.openchronic/project"
COMPONENT = "app.kubernetes.io/component"
OURS = f"app.kubernetes.io/instance={RELEASE}"
SERVICES = ("web", "hub", "proxy", "culler", "broker")
OF_PEOPLE = ("session", "executor", "worker")
# Restarts of a service's container since its pod was made, past which somebody should look.
MANY_RESTARTS = 5
INDENT = 13


def status(site: ClusterSite, *, as_json: bool) -> int:
    """Print the screen, or JSON; 1 where something needs a hand. Raises ClusterError."""
    told = look(Cluster(site))
    found = list(needs(told, site))
    if as_json:
        found_too = [dataclasses.asdict(one) for one in found]
        print(json.dumps({"site": site.name, "needs": found_too, **told}, indent=2))
    else:
        print(screen(told, found, site))
    return 1 if found else 0


def look(cluster: Cluster) -> Told:
    """Return what the cluster says of the site, each thing in a few words."""
    cluster.reach()
    release = cluster.release()
    if release is None:
        return {"deployed": None}
    services = cluster.read("pods", "--selector", OURS, "--namespace", cluster.namespace)
    work = cluster.read("pods", "--selector", OURS, "--namespace", cluster.work)
    claims = cluster.read("persistentvolumeclaims", "--namespace", cluster.work)
    own_claims = cluster.read("persistentvolumeclaims", "--namespace", cluster.namespace)
    schedules = cluster.read("cronjobs", "--namespace", cluster.work)["items"]
    jobs = cluster.read("jobs", "--namespace", cluster.work)["items"]
    return {
        "deployed": {
            "revision": int(release["revision"]),
            "status": release["status"],
            "updated": release["updated"],
        },
        "services": [_pod(one) for one in services["items"]],
        "people": [
            pod for pod in (_pod(one) for one in work["items"]) if pod["component"] in OF_PEOPLE
        ],
        "claims": [_claim(one) for one in (*own_claims["items"], *claims["items"])],
        "builds": [build(one, jobs) for one in schedules],
        "certificate": _certificate(cluster),
    }


def needs(told: Told, site: ClusterSite) -> Iterator[Need]:
    """Yield what needs a hand, each with the next step."""
    again = f"make deploy SITE={site.name}"
    if told["deployed"] is None:
        yield Need("nothing is deployed there", again)
        return
    if told["deployed"]["status"] != "deployed":
        yield Need(
            f"the last deploy is {told['deployed']['status']}",
            f"{again} goes on, or says what is wrong",
        )
    logs = f"kubectl --context {site.cluster.context} --namespace {site.cluster.namespace}"
    for component in SERVICES:
        pods = [one for one in told["services"] if one["component"] == component]
        if not [one for one in pods if one["ready"]]:
            yield Need(
                f"{component} does not run",
                f"{logs} describe pods --selector {COMPONENT}={component}",
            )
        for one in pods:
            if one["restarts"] > MANY_RESTARTS:
                yield Need(
                    f"{one['name']} was restarted {one['restarts']} times",
                    f"{logs} logs {one['name']} --previous",
                )
    for one in told["claims"]:
        if one["phase"] != "Bound":
            yield Need(
                f"the claim {one['name']} is {one['phase'].lower()}",
                f"kubectl --context {site.cluster.context} --namespace {one['namespace']} describe pvc {one['name']}",
            )
    for one in told["builds"]:
        if one["failed"]:
            yield Need(
                f"the last build of {one['base']} failed; the release in service stays",
                f"kubectl --context {site.cluster.context} --namespace {site.cluster.work_namespace} logs job/{one['job']}",
            )
    if told["certificate"] is None:
        yield Need("the certificate cannot be read", again)
    elif told["certificate"] < WARN_DAYS:
        yield Need(
            f"the certificate ends in {told['certificate']:.0f} days", _new_certificate(site, again)
        )


def screen(told: Told, found: list[Need], site: ClusterSite) -> str:
    begin = f"{site.name}  {site.url}  context {site.cluster.context}, namespace {site.cluster.namespace}"
    things = "1 thing needs" if len(found) == 1 else f"{len(found)} things need"
    verdict = [f"{things} a hand:", *(f"  ! {one.what}\n    → {one.next}" for one in found)]
    lines = [begin, *(verdict if found else ["nothing needs a hand"])]
    if told["deployed"] is None:
        return "\n".join(lines)
    lines.append("")
    left = told["certificate"]
    for name, rows in (
        ("deployed", [f"revision {told['deployed']['revision']}, {told['deployed']['updated']}"]),
        ("services", [_service(told, component) for component in SERVICES]),
        ("sessions", list(_people(told))),
        ("claims", [f"{len(told['claims'])}, {_unbound(told) or 'none'} not bound"]),
        ("builds", [_last(one) for one in told["builds"]]),
        ("certificate", ["cannot be read" if left is None else f"{left:.0f} days left"]),
    ):
        lines += [f"{name if at == 0 else '':{INDENT}}{row}" for at, row in enumerate(rows)]
    return "\n".join(lines)


def _pod(pod: Told) -> Told:
    labels, told = pod["metadata"].get("labels", {}), pod.get("status", {})
    containers = told.get("containerStatuses", [])
    return {
        "name": pod["metadata"]["name"],
        "component": labels.get(COMPONENT),
        "owner": labels.get(OWNER),
        "project": labels.get(PROJECT),
        "phase": told.get("phase"),
        "ready": bool(containers) and all(one["ready"] for one in containers),
        "restarts": sum(one["restartCount"] for one in containers),
        "since": told.get("startTime"),
        "node": pod["spec"].get("nodeName"),
    }


def _claim(claim: Told) -> Told:
    return {
        "name": claim["metadata"]["name"],
        "namespace": claim["metadata"]["namespace"],
        "phase": claim["status"].get("phase", "Unknown"),
        "size": claim["spec"]["resources"]["requests"]["storage"],
    }


def _certificate(cluster: Cluster) -> float | None:
    """Return the days that the certificate is still good for; None where it cannot be read."""
    name = cluster.site.tls.secret or TLS_SECRET
    if not cluster.has("secret", name, namespace=cluster.namespace):
        return None
    found = cluster.read("secret", name, "--namespace", cluster.namespace)
    try:
        pem = base64.b64decode(found["data"]["tls.crt"])
        end = x509.load_pem_x509_certificates(pem)[0].not_valid_after_utc
    except (KeyError, ValueError, IndexError):
        return None
    return (end - datetime.datetime.now(datetime.UTC)).total_seconds() / 86400


def _new_certificate(site: ClusterSite, again: str) -> str:
    if site.tls.authority == "secret":
        return f"whoever made the Secret {site.tls.secret} makes a new one"
    return again if site.tls.authority == "own" else f"put a new one in its place, then {again}"


def _service(told: Told, component: str) -> str:
    pods = [one for one in told["services"] if one["component"] == component]
    ready = len([one for one in pods if one["ready"]])
    return f"{component:<8} {ready} of {len(pods)} ready"


def _people(told: Told) -> Iterator[str]:
    sessions = [one for one in told["people"] if one["component"] == "session"]
    yield f"{len(sessions)} open" if sessions else "none"
    for one in sorted(sessions, key=lambda pod: str(pod["since"])):
        beside = [pod for pod in told["people"] if pod["owner"] == one["owner"] and pod is not one]
        more = f", {len(beside)} executors" if beside else ""
        yield f"{one['owner']:<16} {one['project']:<14} since {one['since']} on {one['node']}{more}"


def _unbound(told: Told) -> int:
    return len([one for one in told["claims"] if one["phase"] != "Bound"])


def _last(one: Told) -> str:
    state = "runs now" if one["runs"] else "FAILED" if one["failed"] else "succeeded"
    last = f"last build {state} ({one['last']})" if one["last"] else "no build yet"
    return f"{one['base']:<16} {last}; scheduled {one['schedule']}"
