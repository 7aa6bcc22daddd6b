"""Makes the images of a site on a cluster on a disposable server, by the components that make a server's; read by pyinfra."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pyinfra.context import config, host

from infra.cluster.images import NAMED
from infra.components import docker, firewall, images, system
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.site import Site

config.REQUIRE_PYINFRA_VERSION = "~=3.10"

COMPONENTS = (system, firewall, docker, images)
site: Site = host.data.site
named = os.environ[NAMED].split()

system.system(
    packages=site.packages,
    access=site.access,
    ssh_user=site.server.ssh.user,
    wanted=sorted({package for component in COMPONENTS for package in component.PACKAGES}),
)
# Builds go out through Docker's bridge. A box's way out also sends what conntrack takes for invalid, which this drops: without it,
# each of these would be answered with a reset, and no build would get a package.
firewall.firewall(site=site)
docker.docker(
    storage=site.storage,
    network=SessionsNetwork(site.network.sessions),
    cards=bool(site.gpu.devices),
)
begun = images.begin(packages=site.packages, named=named)
images.finish(packages=site.packages, named=named, begun=begun)
