"""`make plan` of a site on a cluster: what a deploy would change, by a dry run on the API server; changes nothing."""

import sys

from infra.cluster.chart import Name, manifests, names
from infra.cluster.images_record import pushed
from infra.cluster.reaching import RELEASE, Cluster
from infra.cluster.render import image_names, values
from infra.settings.cluster_site import ClusterSite

SAME, DIFFERENT = 0, 1


def plan(site: ClusterSite) -> int:
    cluster = Cluster(site)
    cluster.reach()
    tell_what_is_weaker(site)
    known = pushed(site)
    if missing := [name for name in image_names(site) if name not in known]:
        say(f"no digest yet of {', '.join(missing)}: `make images-push` comes before a deploy")
    wanted = manifests(cluster, values(site, images=known))
    removed = _removed(cluster, wanted)
    if not _is_installed(cluster):
        _show_first(cluster, wanted)
        return 0
    shown = cluster.kubectl(
        "diff",
        "--server-side",
        "--force-conflicts",
        "--field-manager=helm",
        "--filename=-",
        "--namespace",
        cluster.namespace,
        given=wanted,
        allowed=(SAME, DIFFERENT),
    )
    sys.stdout.write(shown)
    for name in removed:
        print(f"- {name}")
    if not shown and not removed:
        say("nothing would change")
    return 0


def tell_what_is_weaker(site: ClusterSite) -> None:
    if site.session_domain is None and not site.is_demonstration:
        say(
            "cluster.web.session_domain is not set: all sessions and the hub share one origin in browsers. What keeps an "
            "analyst's page from a colleague's files is then the gate before each session alone"
        )
    if site.is_demonstration:
        say(
            'logins.kind is "demonstration": one password opens every account. Never with real data'
        )


def say(text: str) -> None:
    print(f"plan: {text}", file=sys.stderr, flush=True)


def _is_installed(cluster: Cluster) -> bool:
    return bool(cluster.helm("list", "--short", "--filter", f"^{RELEASE}$").strip())


def _removed(cluster: Cluster, wanted: str) -> list[Name]:
    if not _is_installed(cluster):
        return []
    there = names(cluster.helm("get", "manifest", RELEASE))
    return [name for name in there if name not in set(names(wanted))]


def _show_first(cluster: Cluster, wanted: str) -> None:
    """Show the objects by name: the API server runs nothing dry in a namespace that is not there."""
    found = names(wanted)
    for name in found:
        print(f"+ {name}")
    say(
        f"the first deploy makes these {len(found)} objects, the namespaces {cluster.namespace} and {cluster.work}, and "
        "the Secrets"
    )
