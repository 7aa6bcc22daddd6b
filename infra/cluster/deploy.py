"""`make deploy` of a site on a cluster: namespaces, Secrets, the hub's database copied, then the chart; or back to before."""

import json
import os
import sys

from infra.cluster.api_server import with_api_server
from infra.cluster.chart import CHART, values_file
from infra.cluster.hopeless import Hopeless, Watch
from infra.cluster.hub_copy import copy_database
from infra.cluster.images_record import all_pushed
from infra.cluster.keys import ensure_keys
from infra.cluster.namespaces import ensure_namespaces
from infra.cluster.plan import tell_what_is_weaker
from infra.cluster.reaching import RELEASE, Cluster, ClusterError
from infra.cluster.render import TLS_SECRET, values
from infra.cluster.values import Values
from infra.operations.checkout import look, refuse_changes
from infra.operations.who import machine, operator
from infra.settings.cluster_site import ClusterSite

# Images are pulled, volumes are made, the hub migrates.
PATIENCE = "15m"
# What helm says where what it made does not run in time.
NOT_READY = ("deadline exceeded", "timed out", "not ready")
AFTER = (
    "the cluster is back to what it ran before: sessions went on, and a hub that had migrated its database puts its copy "
    "back at its start"
)
# What helm says where it went back.
WENT_BACK = "has been rolled back"
BETWEEN = "helm could not go back either: deploy the commit before (make status says how it is)"
AFTER_THE_FIRST = (
    "what was made stays, to be looked at (make status) and gone on from (make deploy)"
)
SHOWN = 8


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
    _upgrade(cluster, with_api_server(wanted, cluster))
    if any(TLS_SECRET in line for line in said):
        _restart_web(cluster)
    say(f"{site.url} is what the site's file says")
    return 0


def say(text: str) -> None:
    print(f"deploy: {text}", file=sys.stderr, flush=True)


def _upgrade(cluster: Cluster, wanted: Values) -> None:
    """Bring the release to these values, or back to what it was. Raises ClusterError, with what the cluster warns of.

    A first one that fails stays, to be looked at and gone on from. Uninstalled, it would take its admission policies away,
    and an API server that has lost its last policy with parameters finds none for those of the next install, until it is
    restarted: it then refuses all pods (seen with Kubernetes 1.35.4)."""
    before = _is_sound(cluster)
    back = ("--rollback-on-failure",) if before else ()
    starting = Starting(cluster)
    with values_file(wanted) as place:
        try:
            cluster.helm_until(
                starting.is_hopeless,
                *("upgrade", RELEASE, str(CHART), "--install", "--reset-values"),
                *("--values", str(place)),
                *(*back, "--wait=watcher", "--wait-for-jobs"),
                *("--timeout", PATIENCE, "--server-side=true", "--history-max=20"),
                *("--description", f"{look().name} by {operator()} on {machine()}"),
            )
        except ClusterError as error:
            then = AFTER if WENT_BACK in str(error) else BETWEEN if before else AFTER_THE_FIRST
            if starting.hopeless:
                seen = "\n".join(f"  {one}" for one in starting.hopeless)
                raise ClusterError(f"{cluster.site.name}: {then}. Why:\n{seen}") from None
            if not any(word in str(error) for word in NOT_READY):
                raise
            raise ClusterError(
                f"{cluster.site.name}: not all was ready within {PATIENCE}, and {then}. What the cluster warns of:\n"
                + "\n".join(_warnings(cluster))
            ) from None


class Starting:
    """The services of a deploy while helm waits for them."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.watch = cluster, Watch()
        self.hopeless: list[Hopeless] = []

    def is_hopeless(self) -> bool:
        """Whether a pod of the services can never start; says so, once."""
        try:
            pods = self.cluster.read("pods", "--namespace", self.cluster.namespace)["items"]
        except ClusterError:
            # Helm waits on, whatever became of one question.
            return False
        self.hopeless = self.watch.see(pods)
        for one in self.hopeless:
            say(str(one))
        return bool(self.hopeless)


def _is_sound(cluster: Cluster) -> bool:
    """Whether some revision of the release was ever deployed whole, to which helm can go back."""
    return cluster.release() is not None and bool(_sound(cluster))


def _sound(cluster: Cluster) -> list[int]:
    history = json.loads(cluster.helm("history", RELEASE, "--output=json"))
    return [int(one["revision"]) for one in history if one["status"] in ("deployed", "superseded")]


def _warnings(cluster: Cluster) -> list[str]:
    """Return the last warnings of both namespaces, the newest last."""
    found = [
        (
            str(one.get("lastTimestamp") or one.get("eventTime")),
            one["involvedObject"],
            one["message"],
        )
        for namespace in (cluster.namespace, cluster.work)
        for one in cluster.read(
            "events", "--field-selector=type=Warning", "--namespace", namespace
        )["items"]
    ]
    lines = [
        f"  {what['kind']} {what['name']}: {message.strip()}"
        for _, what, message in sorted(found, key=lambda one: one[0])
    ]
    return list(dict.fromkeys(lines))[-SHOWN:] or ["  nothing"]


def _go_on_from_there(cluster: Cluster) -> None:
    """Take back a deploy that was stopped half-way: helm would refuse another one for ever."""
    release = cluster.release()
    if release is None or not release["status"].startswith("pending"):
        return
    sound = _sound(cluster)
    if sound:
        say(f"an earlier deploy was stopped half-way: back to revision {sound[-1]} first")
        cluster.helm("rollback", RELEASE, str(sound[-1]), "--wait=watcher", "--timeout", PATIENCE)
    else:
        say("the first deploy was stopped half-way: it begins again with what is there")
        # Not uninstalled, as said at _upgrade: helm takes over what says that it is of this release.
        pending = f"owner=helm,name={RELEASE},status={release['status']}"
        cluster.kubectl("delete", "secret", "--namespace", cluster.namespace, "--selector", pending)


def _restart_web(cluster: Cluster) -> None:
    where = ("--namespace", cluster.namespace, "deployment/web")
    try:
        cluster.kubectl("rollout", "restart", *where)
        cluster.kubectl("rollout", "status", *where, "--timeout=5m", answer_s=0)
    except ClusterError as error:
        raise ClusterError(
            f"{error}\nThe new certificate is in place; the web server has the old one"
        ) from None
