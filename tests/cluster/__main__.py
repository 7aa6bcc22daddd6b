"""`make test-cluster`: makes the images of the demonstration where none are of this checkout, then runs the tests of a cluster."""

import os
import signal
import sys
from types import FrameType

import pytest

from infra.box import preflight
from infra.box.cluster.programs import programs
from infra.box.errors import BoxError
from infra.cluster.images import built, images
from infra.settings.box_identity import box_identity
from infra.settings.cluster_file import load_cluster_site
from infra.settings.site import Box
from tests.bench.process_tree import tree
from tests.cluster.conftest import KUBECONFIG, PURPOSE
from tests.cluster.parts import parts
from tests.cluster.site import SITE

NEEDS = Box(memory_gb=5, disk_gb=30)
"""Of the node with the demonstration on it, or of the server that makes its images, one after the other."""


def main() -> int:
    _end_in_order()
    try:
        # A cluster elsewhere runs the images that its operator pushed.
        if not os.environ.get(KUBECONFIG):
            _prepare()
        status = pytest.main(["-q", "--cluster", "tests/cluster", *sys.argv[1:]], plugins=[parts])
    except BoxError as error:
        print(f"test-cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("test-cluster: interrupted; what it made is gone, what it built is kept.", file=sys.stderr)  # fmt: skip
        return 130
    print(f"\n{parts.tell()}", flush=True)
    return status


def _prepare() -> None:
    """Make what the tests need. Raises BoxError, where this machine cannot hold a cluster with every reason."""
    if found := list(preflight.obstacles(box_identity(PURPOSE), NEEDS)):
        reasons = "\n  - ".join(found)
        raise BoxError(
            f"this machine cannot hold a cluster:\n  - {reasons}\nThe other way: {KUBECONFIG}=FILE, a kubeconfig of any "
            "cluster whose operator pushed the images."
        )
    with parts.part("the programs of the cluster are built, or there"):
        programs()
    with parts.part("the images are made, or there"):
        site = load_cluster_site(SITE)
        if built(site) is None:
            images(site)


def _end_in_order() -> None:
    """Take a kill as Ctrl-C, which all programs of this terminal get: each removes what it made."""

    def end(_: int, __: FrameType | None) -> None:
        for pid in tree(os.getpid())[1:]:
            # The node has a session of its own, and is destroyed.
            if os.getpgid(pid) == os.getpgrp():
                os.kill(pid, signal.SIGINT)
        raise KeyboardInterrupt

    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, end)
    # Where it runs in the background, a shell has it ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(main())
