"""`make test-cluster`: makes the images of the demonstration where none are of this checkout, then runs the tests of a cluster."""

import os
import sys

import pytest

from infra.box.errors import BoxError
from infra.cluster.images import built, images
from infra.settings.cluster_file import load_cluster_site
from tests.cluster.conftest import KUBECONFIG
from tests.cluster.site import SITE


def main() -> int:
    # On a cluster elsewhere, the images are those that its operator pushed.
    if not os.environ.get(KUBECONFIG) and (reason := _without_images()):
        print(f"test-cluster: without the demonstration's images: {reason}", file=sys.stderr)
    return pytest.main(["-q", "--cluster", "tests/cluster", *sys.argv[1:]])


def _without_images() -> str:
    """Make the images if need be; return why there are none, or an empty text."""
    site = load_cluster_site(SITE)
    try:
        if built(site) is None:
            images(site)
    except BoxError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main())
