"""`python -m infra.cluster VERB`: the verbs of the Makefile for a site on a cluster."""

import argparse
import os
import sys

from infra.box.errors import BoxError
from infra.cluster.deploy import deploy
from infra.cluster.identities import SameNumberError
from infra.cluster.image_archive import NoSuchArchive
from infra.cluster.images import images
from infra.cluster.images_push import NotPushed, images_push
from infra.cluster.images_record import ImagesMissing, pushed
from infra.cluster.plan import plan
from infra.cluster.reaching import ClusterError
from infra.cluster.render import image_names, values
from infra.cluster.status import status
from infra.cluster.values_file import written
from infra.operate.cluster_programs import ProgramMissingError
from infra.operations.checkout import CheckoutRefused
from infra.operations.errors import DeployRefused
from infra.settings.cluster_file import load_cluster_site
from infra.settings.cluster_site import ClusterSite
from infra.settings.site import SiteError

REFUSALS = (
    *(SiteError, SameNumberError, ClusterError, ProgramMissingError),
    *(ImagesMissing, NotPushed, NoSuchArchive, BoxError, CheckoutRefused, DeployRefused),
)
VERBS = ("values", "plan", "deploy", "status", "images", "images-push")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.cluster", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--site", default=os.environ.get("SITE") or "kube")
    parser.add_argument("--json", action="store_true", help="of status: as JSON")
    given = parser.parse_args(arguments)
    try:
        return _run(given.verb, load_cluster_site(given.site), as_json=given.json)
    except REFUSALS as error:
        print(f"{given.verb}: {error}", file=sys.stderr)
        return 1


def _run(verb: str, site: ClusterSite, *, as_json: bool) -> int:
    match verb:
        case "values":
            return _print_values(site)
        case "plan":
            return plan(site)
        case "deploy":
            return deploy(site)
        case "status":
            return status(site, as_json=as_json)
        case "images":
            return images(site)
        case _:
            return images_push(site)


def _print_values(site: ClusterSite) -> int:
    known = pushed(site)
    sys.stdout.write(written(values(site, images=known)))
    if missing := [name for name in image_names(site) if name not in known]:
        print(
            f"values: no digest yet of {', '.join(missing)} (zeros stand for them): make images-push SITE={site.name}",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
