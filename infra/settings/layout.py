"""The addresses, ports, folders, users and units of the server, and how long a login lasts. Each is written here and nowhere else.

Components, the hub's settings and tests import it; the files that are installed name its constants between two `@`
(rendering.py). Standard values are not listed: 22, 80, 443, 127.0.0.1, /etc/passwd.
"""

from typing import Final

# Internal ports, all on the loopback address but SESSIONS_API_PORT. From outside, only SSH and HTTPS are open.
PROXY_PORT: Final = 8000
PROXY_API_PORT: Final = 8001
HUB_PORT: Final = 8080
# Port of the hub's API for sessions, at their network's gateway, behind the web server's rate limit.
SESSIONS_API_PORT: Final = 8081
# Port of a session's server in its container: the default of JupyterLab and DockerSpawner.
SESSION_PORT: Final = 8888
PROXY_URL: Final = f"http://127.0.0.1:{PROXY_PORT}"
PROXY_API_URL: Final = f"http://127.0.0.1:{PROXY_API_PORT}"
HUB_URL: Final = f"http://127.0.0.1:{HUB_PORT}"

# Networks. The firewall's rules match the names of the bridges.
SESSIONS_NETWORK: Final = "sessions"
SESSIONS_BRIDGE: Final = "br-sessions"
# The default. The server cannot reach an outside network with the same addresses.
SESSIONS_SUBNET: Final = "172.30.0.0/24"
# Docker's default bridge, for image builds and data builds, and the address that Docker gives it.
DOCKER_BRIDGE: Final = "docker0"
DOCKER_GATEWAY: Final = "172.17.0.1"

# Users and groups of the server's services (accounts.py has those of people).
BUILDER: Final = "openchronic"
PROXY_USER: Final = "jupyterhub-proxy"
WEB_USER: Final = "www-data"
# Debian's range of uids for people: system users lie below, systemd's dynamic users above. Analysts' uids begin at
# FIRST_ANALYST_UID, so that an operator who is added by hand never gets the uid that owns an old home.
FIRST_UID: Final = 1000
FIRST_ANALYST_UID: Final = 20000
LAST_UID: Final = 59999

# Folders that all components write in: scripts, records, caches, secrets.
LIBRARY: Final = "/usr/local/lib/openchronic-server"
RECORDS: Final = "/var/lib/openchronic-server"
CACHE: Final = "/var/cache/openchronic-server"
SECRETS: Final = "/var/lib/secrets"
DEPLOY_RECORD: Final = f"{RECORDS}/release.json"
DEPLOYS: Final = f"{RECORDS}/deploys.jsonl"

# Debian's folders, in which we own some files only.
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

# Defaults of the site's storage folders. Inside sessions, RELEASES and RESTRICTED are used whatever the site says: a
# release links to its typed tables by a path below RESTRICTED.
HOMES: Final = "/srv/homes"
DATA: Final = "/srv/snds"
RELEASES: Final = "/srv/openchronic"
RESTRICTED: Final = "/srv/openchronic-restricted"
DOCKER_ROOT: Final = "/var/lib/docker"
# The shared folders of the projects, on the server and in sessions, with their snapshots in a folder among them. They are
# on the homes' disk, in the folder TEAMS_ON_HOMES of it.
TEAMS: Final = "/srv/equipes"
TEAMS_ON_HOMES: Final = ".equipes"
SNAPSHOTS: Final = f"{TEAMS}/.instantanes"
# The btrfs file that holds the homes of a server without a disk for them.
LOOP_FILE: Final = "/var/lib/homes.btrfs"
# Where tests keep the small disks that they fill.
LOOP_FOLDER: Final = "/var/lib/small-disks"

# What keeps the projects' folders: their list, the program, its service and timer, and its record of what has ended.
PROJECTS: Final = "/etc/site-projects"
PROJECT_FOLDERS: Final = f"{PROJECTS}/folders.json"
PROJECT_SCRIPTS: Final = f"{LIBRARY}/projects"
KEEP_FOLDERS: Final = f"{PROJECT_SCRIPTS}/keep_folders.py"
KEEP_UNIT: Final = "site-projects"
ENDED_FOLDERS: Final = f"{RECORDS}/ended-folders.json"

DOCKER: Final = "/etc/docker"
DOCKER_DAEMON: Final = f"{DOCKER}/daemon.json"
DOCKER_SOCKET: Final = "/run/docker.sock"
# Where Docker looks for the descriptions of cards: those that stay, and those made at each start of the server.
CDI: Final = "/etc/cdi"
CDI_MADE: Final = "/run/cdi/nvidia.json"
CDI_UNIT: Final = "openchronic-cards.service"
DOCKER_DROP_IN: Final = f"{UNITS}/docker.service.d"
CONTAINERD_DROP_IN: Final = f"{UNITS}/containerd.service.d"

# Images: their build context, the record of those in service, and the caches.
IMAGES: Final = "/var/lib/images"
IMAGES_IN_SERVICE: Final = f"{IMAGES}/current.json"
IMAGES_UNIT: Final = "openchronic-images"
IMAGES_ARCHIVE_UNIT: Final = "openchronic-archive"
IMAGES_GIVEN: Final = f"{IMAGES}/given"
IMAGE_SCRIPTS: Final = f"{LIBRARY}/images"
IMAGE_ARCHIVES: Final = f"{CACHE}/images"
RESOLVED_PACKAGES: Final = f"{CACHE}/resolved"

# The hub, its proxy and its culler of idle sessions.
HUB_UNIT: Final = "jupyterhub.service"
PROXY_UNIT: Final = "jupyterhub-proxy.service"
CULLER_UNIT: Final = "jupyterhub-culler.service"
COPY_UNIT: Final = "jupyterhub-copy.service"
COPY_TIMER: Final = "jupyterhub-copy.timer"
HUB_CONFIGURATION: Final = "/etc/jupyterhub"
HUB_VENV: Final = "/opt/jupyterhub"
HUB_SCRIPTS: Final = f"{LIBRARY}/jupyterhub"
# systemd creates a folder of this name below /var/lib and below /run.
HUB_FOLDER: Final = "jupyterhub"
HUB_STATE: Final = f"/var/lib/{HUB_FOLDER}"
HUB_RUN: Final = f"/run/{HUB_FOLDER}"
HUB_DATABASE: Final = f"{HUB_STATE}/jupyterhub.sqlite"
# How long a login lasts, in seconds: the hub's cookies, and the pass of a session's gate.
LOGIN_S: Final = 24 * 3600
# A file for each user and project, <login>@<project>: when a session was last open.
HUB_USES: Final = f"{HUB_STATE}/uses"
HUB_PAM: Final = "jupyterhub"
# Check a code alone: that of a second factor in force, and that of one which its user is setting up.
CODE_PAM: Final = "jupyterhub-code"
ENROLMENT_PAM: Final = "jupyterhub-enrolment"
PROXY_PROGRAM: Final = "/opt/configurable-http-proxy"
PROXY_SECRET: Final = f"{SECRETS}/proxy.env"
CULLER_SECRET: Final = f"{SECRETS}/culler.env"
GATE_SECRET: Final = f"{SECRETS}/gate.env"
# The hub's secret at a provider of OpenID Connect.
PROVIDER_SECRET: Final = f"{SECRETS}/oidc"

# SSSD, which asks the site's directory for the hub: its settings, and the CA certificates that it trusts.
DIRECTORY_UNIT: Final = "site-directory.service"
DIRECTORY: Final = "/etc/site-directory"
DIRECTORY_SETTINGS: Final = f"{DIRECTORY}/sssd.conf"
DIRECTORY_AUTHORITIES: Final = f"{DIRECTORY}/authorities.pem"

# What logins have done: their second factors (secrets, a file a login), those being set up, the charter's acceptances.
LOGINS_STATE: Final = "/var/lib/site-logins"
SECOND_FACTORS: Final = f"{LOGINS_STATE}/second-factors"
ENROLMENTS: Final = f"{LOGINS_STATE}/enrolments"
ACCEPTANCES: Final = f"{LOGINS_STATE}/charter.jsonl"
# The helper that changes a user's password for the hub, which may not write the shadow file.
CHANGE_SOCKET_UNIT: Final = "site-password.socket"
CHANGE_UNIT: Final = "site-password@.service"
CHANGE_SOCKET: Final = "/run/site-password.sock"
CHANGE_SCRIPTS: Final = f"{LIBRARY}/passwords"

# The web server.
NGINX: Final = "/etc/nginx"
NGINX_CONFIGURATION: Final = f"{NGINX}/nginx.conf"
# A copy of GATE_SECRET for nginx, which runs without root and reads it by its group.
NGINX_GATE: Final = f"{NGINX}/gate-secret.conf"
NGINX_SITE: Final = f"{NGINX}/site"
NGINX_DROP_IN: Final = f"{UNITS}/nginx.service.d"
NGINX_PID: Final = "/run/nginx/nginx.pid"
WEB_PAGES: Final = "/srv/www"
WEB_JOURNAL: Final = "journald@web.conf"

# Builds of the bases, and the welcome pages of analysts.
BUILDS: Final = "/etc/openchronic"
BUILD_SCRIPTS: Final = f"{LIBRARY}/builds"
BUILD_RUN: Final = f"{BUILD_SCRIPTS}/run"
ONBOARDING: Final = "/srv/onboarding"
# Folders of a base in the restricted zone, as openchronic names them (its store/places.py): the typed tables, work in
# progress, the journal of accesses, and exports. A deploy does not load openchronic; a test compares the two.
ZONE_STORE: Final = "store"
ZONE_EXPORTS: Final = "exports"
ZONE: Final = (ZONE_STORE, "work", "access", ZONE_EXPORTS)


def build_unit(base: str) -> str:
    """Return the name, without suffix, of a base's build service and timer."""
    return f"openchronic-build-{base}"


def build_key(base: str) -> str:
    """Return the path of the secret key from which a base's identifiers are hashed."""
    return f"{SECRETS}/openchronic-{base}.key"


def zone_folder(base: str, what: str) -> str:
    """Return the name of a base's folder in its part of the restricted zone, for a `what` of ZONE."""
    return f"openchronic-{base}-{what}"
