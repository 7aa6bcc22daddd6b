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
    directory,
    docker,
    firewall,
    gpu,
    hardening,
    images,
    jupyterhub,
    logins,
    openchronic,
    passwords,
    projects,
    storage,
    system,
    users,
    web,
)
from infra.components.deploy_record import audit
from infra.components.openchronic.lab_help import lab_help_files
from infra.components.web.certificates import site_certificate
from infra.components.web.static_pages import help_address, words
from infra.operate.state import state_folder
from infra.operations.ownership import together
from infra.settings.accounts import load_accounts
from infra.settings.grants import site_grants, typed_bases
from infra.settings.image_graph import GRAPH
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.settings_file import ROOT
from infra.settings.site import Site

config.REQUIRE_PYINFRA_VERSION = "~=3.10"

COMPONENTS = (
    *(system, hardening, firewall, storage, docker, projects, images),
    *(logins, jupyterhub, passwords, web),
)
site: Site = host.data.site
granted = site_grants(site)
today = datetime.datetime.now(ZoneInfo(system.TIME_ZONE)).date()

owned = together(
    [
        system.OWNED,
        firewall.OWNED,
        storage.owned(site.storage),
        docker.OWNED,
        gpu.owned(site.gpu),
        projects.OWNED,
        images.OWNED,
        jupyterhub.OWNED,
        directory.owned(site.logins),
        passwords.owned(site.logins),
        web.OWNED,
        openchronic.owned(site.bases),
    ]
)

storage.refuse_missing_mounts(site.storage)
gpu.refuse_absent_toolkit(site.gpu, proxy=site.packages.proxy)
web.tell_what_is_weaker(site)
audit.begin(name="Note who deploys what", site=site)
deploy_record.announce(name="Record what is about to be owned", owned=owned)
gpu.withdraw(gpu=site.gpu)
system.system(
    packages=site.packages,
    access=site.access,
    ssh_user=site.server.ssh.user,
    wanted=sorted(
        {
            *(package for component in COMPONENTS for package in component.PACKAGES),
            *hardening.chosen_packages(site.hardening),
            *directory.packages(site.logins),
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
docker.docker(
    storage=site.storage,
    network=SessionsNetwork(site.network.sessions),
    cards=bool(site.gpu.devices),
)
gpu.gpu(gpu=site.gpu)
users.users(accounts=load_accounts(ROOT / site.accounts), storage=site.storage, today=today)
projects.projects(grants=granted, storage=site.storage, today=today)
begun = images.begin(packages=site.packages, named=images.of_profiles(site))
logins.logins()
directory.directory(ldap=site.logins.ldap)
jupyterhub.jupyterhub(site=site, grants=granted)
passwords.passwords(logins=site.logins)
web.web(
    words=words(site),
    server=site.server,
    sessions=site.network.sessions,
    session_paths=GRAPH.paths([profile.image for profile in site.profiles.values()]),
    certificate=site_certificate(
        site.tls,
        names=site.server.all_names,
        domain=site.server.session_domain,
        state=state_folder(site),
    ),
)
# The images are built meanwhile: the hub and the web server start without them.
images.finish(packages=site.packages, named=images.of_profiles(site), begun=begun)
openchronic.openchronic(
    bases=site.bases,
    storage=site.storage,
    typed=typed_bases(granted),
    lab_help=lab_help_files(site.help, address=help_address(site)),
)
hardening.seal(hardening=site.hardening, storage=site.storage)
deploy_record.deploy_record(site=site, owned=owned)
audit.end(name="Note that the deploy has ended")
