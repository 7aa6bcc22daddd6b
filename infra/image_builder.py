"""Makes the images of a site on a cluster on a disposable server, by the components that make a server's; read by pyinfra."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pyinfra.context import config, host

from infra.cluster.images import NAMED
from infra.components import docker, images, system
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.site import Site

config.REQUIRE_PYINFRA_VERSION = "~=3.10"

COMPONENTS = (system, docker, images)
site: Site = host.data.site
named = os.environ[NAMED].split()

system.system(
    packages=site.packages,
    access=site.access,
    ssh_user=site.server.ssh.user,
    wanted=sorted({package for component in COMPONENTS for package in component.PACKAGES}),
)
docker.docker(
    storage=site.storage,
    network=SessionsNetwork(site.network.sessions),
    cards=bool(site.gpu.devices),
)
images.begin(packages=site.packages, named=named)
images.finish(packages=site.packages, named=named)
