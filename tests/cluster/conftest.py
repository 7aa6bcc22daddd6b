"""The tests of a real cluster. They run with `--cluster`, on a box or on the cluster of $TEST_KUBECONFIG."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.box import machine
from infra.box.cluster import node, up
from infra.box.cluster.images import import_images
from infra.box.errors import BoxError
from infra.cluster.images import built
from infra.cluster.images_push import images_push
from infra.settings.box_identity import BoxIdentity, box_identity
from infra.settings.cluster_file import load_cluster_site
from tests.cluster.kubernetes import Cluster, Namespace
from tests.cluster.parts import parts
from tests.cluster.site import SITE, DeployedSite, deploy, its_name_known

KUBECONFIG = "TEST_KUBECONFIG"
PURPOSE = os.environ.get("TEST_BOX") or node.PURPOSE
NOT_ASKED = "needs a cluster: `make test-cluster` boots one (--cluster)"


@pytest.fixture(scope="session")
def box(pytestconfig: pytest.Config) -> Iterator[BoxIdentity]:
    """Give the box that the cluster runs in, booted; destroyed at the end, unless KEEP_BOX=1."""
    if not pytestconfig.getoption("--cluster"):
        pytest.skip(NOT_ASKED)
    if os.environ.get(KUBECONFIG):
        pytest.skip(f"needs the node itself: ${KUBECONFIG} names a cluster elsewhere")
    one = box_identity(PURPOSE)
    try:
        with parts.watching(lambda: machine.nspawn_pid(one)):
            with parts.part("the node boots"):
                up.up(one)
            yield one
    except BoxError as error:
        pytest.fail(str(error), pytrace=False)
    finally:
        if os.environ.get("KEEP_BOX") != "1":
            with parts.part("the node is destroyed"):
                node.destroy(one)


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Cluster:
    if not pytestconfig.getoption("--cluster"):
        pytest.skip(NOT_ASKED)
    if elsewhere := os.environ.get(KUBECONFIG):
        return Cluster(Path(elsewhere))
    return Cluster(up.kubeconfig_of(request.getfixturevalue("box")))


@pytest.fixture(scope="session")
def images(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> None:
    """Bring the demonstration's images to the box, and note their digests for its deploy. A cluster elsewhere has those that its
    operator pushed."""
    if not pytestconfig.getoption("--cluster"):
        pytest.skip(NOT_ASKED)
    if os.environ.get(KUBECONFIG):
        return
    site = load_cluster_site(SITE)
    archive = built(site)
    if archive is None:
        pytest.skip(f"no images are of this checkout: make images SITE={SITE}")
    box = request.getfixturevalue("box")
    with parts.part("the node takes the images"):
        images_push(site)
        import_images(box, archive)


@pytest.fixture(scope="session")
def site(cluster: Cluster, images: None) -> Iterator[DeployedSite]:
    """Give the demonstration, deployed; the files of its tests come after those that cut the node's power."""
    with pytest.MonkeyPatch.context() as patch, its_name_known(cluster, patch):
        with parts.part("the demonstration is deployed, its base built"):
            deployed = deploy(cluster)
        yield deployed


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[Namespace]:
    """Give a new namespace whose pods must be restricted; it is removed at the end."""
    with cluster.namespace(f"test-{secrets.token_hex(3)}") as one:
        yield one


@pytest.fixture(scope="module")
def shared(cluster: Cluster) -> Iterator[Namespace]:
    """Give a namespace to the tests of a file."""
    with cluster.namespace(f"tests-{secrets.token_hex(3)}") as one:
        yield one
