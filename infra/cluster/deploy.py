"""`make deploy` of a site on a cluster: namespaces, Secrets, the hub's database copied, then the chart; or back to before."""

import json
import os
import sys

from infra.cluster.chart import CHART, values_file
from infra.cluster.hub_copy import copy_database
from infra.cluster.images_record import all_pushed
from infra.cluster.keys import ensure_keys
from infra.cluster.namespaces import ensure_namespaces
from infra.cluster.plan import tell_what_is_weaker
from infra.cluster.reaching import RELEASE, Cluster, ClusterError
from infra.cluster.render import TLS_SECRET, values
from infra.operations.checkout import look, refuse_changes
from infra.operations.who import machine, operator
from infra.settings.cluster_site import ClusterSite

# Images are pulled, volumes are made, the hub migrates.
PATIENCE = "15m"


def deploy(site: ClusterSite) -> int:
    """Bring the cluster to what the site's file says. Raises ClusterError, ImagesMissing, CheckoutRefused, DeployRefused."""
    if not site.is_demonstration:
        refuse_changes(site.name, dry=False, environment=os.environ)
    wanted = values(site, images=all_pushed(site))
    cluster = Cluster(site)
    cluster.reach()
    tell_what_is_weaker(site)
    _go_on_from_there(cluster)
    said = [*ensure_namespaces(cluster), *ensure_keys(cluster)]
    for line in said:
        say(line)
    if copied := copy_database(cluster):
        say(copied)
    with values_file(wanted) as place:
        cluster.helm(
            *("upgrade", RELEASE, str(CHART), "--install", "--reset-values"),
            *("--values", str(place)),
            *("--rollback-on-failure", "--wait=watcher", "--wait-for-jobs", "--timeout", PATIENCE),
            *("--server-side=true", "--history-max=20"),
            *("--description", f"{look().name} by {operator()} on {machine()}"),
        )
    if any(TLS_SECRET in line for line in said):
        _restart_web(cluster)
    say(f"{site.url} is what the site's file says")
    return 0


def say(text: str) -> None:
    print(f"deploy: {text}", file=sys.stderr, flush=True)


def _go_on_from_there(cluster: Cluster) -> None:
    """Take back a deploy that was stopped half-way: helm would refuse another one for ever."""
    listed = json.loads(
        cluster.helm("list", "--all", "--filter", f"^{RELEASE}$", "--output=json") or "[]"
    )
    status = listed[0]["status"] if listed else ""
    if not status.startswith("pending"):
        return
    history = json.loads(cluster.helm("history", RELEASE, "--output=json"))
    sound = [one["revision"] for one in history if one["status"] in ("deployed", "superseded")]
    if sound:
        say(f"an earlier deploy was stopped half-way: back to revision {sound[-1]} first")
        cluster.helm("rollback", RELEASE, str(sound[-1]), "--wait=watcher", "--timeout", PATIENCE)
    else:
        say("the first deploy was stopped half-way: it begins again (claims and Secrets stay)")
        cluster.helm("uninstall", RELEASE, "--wait", "--timeout", PATIENCE)


def _restart_web(cluster: Cluster) -> None:
    where = ("--namespace", cluster.namespace, "deployment/web")
    try:
        cluster.kubectl("rollout", "restart", *where)
        cluster.kubectl("rollout", "status", *where, "--timeout=5m", answer_s=0)
    except ClusterError as error:
        raise ClusterError(
            f"{error}\nThe new certificate is in place; the web server has the old one"
        ) from None
