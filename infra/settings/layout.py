"""Where everything is on the server: addresses, ports, folders, users, units. Each is said here, and nowhere else.

Components, the hub's settings and tests read it; the files that are installed name its constants between two `@`
(rendering.py). What is the same on every machine of the world is not here: 22, 80, 443, 127.0.0.1, /etc/passwd.
"""

from typing import Final

# Ports. From outside there are SSH and HTTPS alone; these are of the server itself, on its loopback but for one.
PROXY_PORT: Final = 8000
PROXY_API_PORT: Final = 8001
HUB_PORT: Final = 8080
# Where sessions reach the hub's API, at their network's gateway: through the web server, which slows them down.
SESSIONS_API_PORT: Final = 8081
# On which a session's server listens, in its container: JupyterLab's own, and DockerSpawner's.
SESSION_PORT: Final = 8888
PROXY_URL: Final = f"http://127.0.0.1:{PROXY_PORT}"
PROXY_API_URL: Final = f"http://127.0.0.1:{PROXY_API_PORT}"
HUB_URL: Final = f"http://127.0.0.1:{HUB_PORT}"

# Networks. Bridges have names that the firewall knows.
SESSIONS_NETWORK: Final = "sessions"
SESSIONS_BRIDGE: Final = "br-sessions"
# Unless the site says another: it hides one of the same addresses from the server.
SESSIONS_SUBNET: Final = "172.30.0.0/24"
# Docker's own, of image builds and data builds; with the address that Docker gives it.
DOCKER_BRIDGE: Final = "docker0"
DOCKER_GATEWAY: Final = "172.17.0.1"

# Users and groups that the server makes for itself (accounts.py has those of people).
BUILDER: Final = "openchronic"
PROXY_USER: Final = "jupyterhub-proxy"
WEB_USER: Final = "www-data"
# Debian's numbers of people: system users lie below, systemd's dynamic ones above. Analysts' begin higher, so that an
# operator who is added by hand never takes the number that a home still has.
FIRST_UID: Final = 1000
FIRST_ANALYST_UID: Final = 20000
LAST_UID: Final = 59999

# What all components write in: scripts, records, what may be made again, secrets.
LIBRARY: Final = "/usr/local/lib/openchronic-server"
RECORDS: Final = "/var/lib/openchronic-server"
CACHE: Final = "/var/cache/openchronic-server"
SECRETS: Final = "/var/lib/secrets"
DEPLOY_RECORD: Final = f"{RECORDS}/release.json"
DEPLOYS: Final = f"{RECORDS}/deploys.jsonl"

# Debian's own folders, in which we write some files among others.
SYSTEMD: Final = "/etc/systemd"
UNITS: Final = f"{SYSTEMD}/system"
JOURNALD_DROP_IN: Final = f"{SYSTEMD}/journald.conf.d"
APT: Final = "/etc/apt"
APT_LISTS: Final = "/var/lib/apt/lists"
APT_STAMP: Final = f"{CACHE}/apt-updated"
AUTHORITIES: Final = "/usr/local/share/ca-certificates"
SITE_AUTHORITIES: Final = f"{AUTHORITIES}/site"
TRUSTED: Final = "/etc/ssl/certs/ca-certificates.crt"
SSHD_FOLDER: Final = "/etc/ssh/sshd_config.d"
SSHD_SITE: Final = f"{SSHD_FOLDER}/10-site.conf"
SSH_DROP_IN: Final = f"{UNITS}/ssh.service.d"
SYSCTL: Final = "/etc/sysctl.d/90-site.conf"
PAM: Final = "/etc/pam.d"

# The firewall: its rules as deployed, and as last confirmed.
FIREWALL_UNIT: Final = "site-firewall.service"
FIREWALL_REVERT: Final = "site-firewall-revert"
FIREWALL: Final = "/etc/site-firewall"
FIREWALL_RULES: Final = f"{FIREWALL}/rules.nft"
FIREWALL_SCRIPTS: Final = f"{LIBRARY}/firewall"
FIREWALL_STATE: Final = "/var/lib/site-firewall"
FIREWALL_CONFIRMED: Final = f"{FIREWALL_STATE}/confirmed.nft"

# Disks: where they are unless the site says otherwise. Sessions find releases and the restricted zone at these paths
# whatever the site says: a release links to its typed tables by the second one.
HOMES: Final = "/srv/homes"
DATA: Final = "/srv/snds"
RELEASES: Final = "/srv/openchronic"
RESTRICTED: Final = "/srv/openchronic-restricted"
DOCKER_ROOT: Final = "/var/lib/docker"
# The homes of a server that has no disk for them.
LOOP_FILE: Final = "/var/lib/homes.btrfs"
# Where tests keep the small disks that they fill.
LOOP_FOLDER: Final = "/var/lib/small-disks"

DOCKER: Final = "/etc/docker"
DOCKER_DAEMON: Final = f"{DOCKER}/daemon.json"
DOCKER_SOCKET: Final = "/run/docker.sock"
DOCKER_DROP_IN: Final = f"{UNITS}/docker.service.d"
CONTAINERD_DROP_IN: Final = f"{UNITS}/containerd.service.d"

# Images: what they are made of and which are in service; what spares making them again.
IMAGES: Final = "/var/lib/images"
IMAGES_IN_SERVICE: Final = f"{IMAGES}/current.json"
IMAGES_UNIT: Final = "openchronic-images"
IMAGES_ARCHIVE_UNIT: Final = "openchronic-archive"
IMAGE_SCRIPTS: Final = f"{LIBRARY}/images"
IMAGE_ARCHIVES: Final = f"{CACHE}/images"
RESOLVED_PACKAGES: Final = f"{CACHE}/resolved"

# The hub, its proxy, its culler.
HUB_UNIT: Final = "jupyterhub.service"
PROXY_UNIT: Final = "jupyterhub-proxy.service"
CULLER_UNIT: Final = "jupyterhub-culler.service"
COPY_UNIT: Final = "jupyterhub-copy.service"
COPY_TIMER: Final = "jupyterhub-copy.timer"
HUB_CONFIGURATION: Final = "/etc/jupyterhub"
HUB_VENV: Final = "/opt/jupyterhub"
HUB_SCRIPTS: Final = f"{LIBRARY}/jupyterhub"
# systemd makes it below /var/lib and /run.
HUB_FOLDER: Final = "jupyterhub"
HUB_STATE: Final = f"/var/lib/{HUB_FOLDER}"
HUB_RUN: Final = f"/run/{HUB_FOLDER}"
HUB_DATABASE: Final = f"{HUB_STATE}/jupyterhub.sqlite"
HUB_PAM: Final = "jupyterhub"
PROXY_PROGRAM: Final = "/opt/configurable-http-proxy"
PROXY_SECRET: Final = f"{SECRETS}/proxy.env"
CULLER_SECRET: Final = f"{SECRETS}/culler.env"
GATE_SECRET: Final = f"{SECRETS}/gate.env"

# The web server.
NGINX: Final = "/etc/nginx"
NGINX_CONFIGURATION: Final = f"{NGINX}/nginx.conf"
# Without root it reads what is its group's: the same secret as the hub's, once more.
NGINX_GATE: Final = f"{NGINX}/gate-secret.conf"
NGINX_SITE: Final = f"{NGINX}/site"
NGINX_DROP_IN: Final = f"{UNITS}/nginx.service.d"
NGINX_PID: Final = "/run/nginx/nginx.pid"
WEB_PAGES: Final = "/srv/www"
WEB_JOURNAL: Final = "journald@web.conf"

# Builds of the bases, and what analysts are shown.
BUILDS: Final = "/etc/openchronic"
BUILD_SCRIPTS: Final = f"{LIBRARY}/builds"
BUILD_RUN: Final = f"{BUILD_SCRIPTS}/run"
ONBOARDING: Final = "/srv/onboarding"


def build_unit(base: str) -> str:
    """Of a base: its service and its timer, without their endings."""
    return f"openchronic-build-{base}"


def build_key(base: str) -> str:
    """The secret by which a base's identifiers are made."""
    return f"{SECRETS}/openchronic-{base}.key"
