"""The deploy, read by pyinfra: calls each component in order with its part of the site's settings."""

import datetime
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pyinfra.context import config, host

from infra.components import (
    clock,
    deploy_record,
    docker,
    firewall,
    hardening,
    images,
    jupyterhub,
    openchronic,
    storage,
    system,
    users,
    web,
)
from infra.components.deploy_record import audit
from infra.components.web.certificates import site_certificate
from infra.operate.state import state_folder
from infra.operations.ownership import together
from infra.settings.accounts import load_accounts
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.settings_file import ROOT
from infra.settings.site import Site

config.REQUIRE_PYINFRA_VERSION = "~=3.10"

COMPONENTS = (system, hardening, firewall, storage, docker, images, jupyterhub, web)
site: Site = host.data.site

owned = together(
    [
        system.OWNED,
        firewall.OWNED,
        storage.owned(site.storage),
        docker.OWNED,
        images.OWNED,
        jupyterhub.OWNED,
        web.OWNED,
        openchronic.owned(site.bases),
    ]
)

storage.refuse_missing_mounts(site.storage)
web.tell_what_is_weaker(site)
audit.begin(name="Note who deploys what", site=site)
deploy_record.announce(name="Record what is about to be owned", owned=owned)
system.system(
    packages=site.packages,
    access=site.access,
    ssh_user=site.server.ssh.user,
    wanted=sorted(
        {
            *(package for component in COMPONENTS for package in component.PACKAGES),
            *hardening.chosen_packages(site.hardening),
            clock.keeper(site.hardening),
        }
    ),
)
clock.clock(
    servers=site.time.servers,
    keeper=clock.keeper(site.hardening),
    disposable=site.box is not None,
)
hardening.hardening(hardening=site.hardening, disposable=site.box is not None)
firewall.firewall(site=site)
storage.storage(storage=site.storage)
docker.docker(storage=site.storage, network=SessionsNetwork(site.network.sessions))
users.users(
    accounts=load_accounts(ROOT / site.accounts),
    storage=site.storage,
    today=datetime.datetime.now(ZoneInfo(system.TIME_ZONE)).date(),
)
images.begin(site=site)
jupyterhub.jupyterhub(site=site)
web.web(
    title=site.title,
    server=site.server,
    sessions=site.network.sessions,
    certificate=site_certificate(
        site.tls,
        names=site.server.all_names,
        domain=site.server.session_domain,
        state=state_folder(site),
    ),
)
# The images are built meanwhile: the hub and the web server start without them.
images.finish(site=site)
openchronic.openchronic(bases=site.bases, storage=site.storage)
hardening.seal(hardening=site.hardening, storage=site.storage)
deploy_record.deploy_record(site=site, owned=owned)
audit.end(name="Note that the deploy has ended")
