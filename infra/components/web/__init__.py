"""Configures nginx: TLS, security headers, the landing page, and the reverse proxy to JupyterHub."""

import re
from pathlib import Path

from pyinfra import logger
from pyinfra.api.deploy import deploy

from infra.components.web.certificates import Certificate
from infra.components.web.static_pages import Words, page_files
from infra.operations.ops import File, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.image_graph import Paths
from infra.settings.site import Server, Site

FILES = Path(__file__).parent / "files"
PACKAGES = ("nginx-light",)
# Names by which the server is reached from itself, and through an operator's `ssh -L`.
LOCAL = ("localhost", "127.0.0.1", "::1")
# What nginx is told otherwise on a cluster, where a pod runs it without a right to low ports (charts/bigdata).
ON_A_SERVER = {
    "STARTED_AS": f"# The unit starts nginx as {layout.WEB_USER}; this line is for `nginx -t` by root, which creates folders "
    f"for this user.\nuser {layout.WEB_USER};",
    "ERROR_LOG": "syslog:server=unix:/dev/log,nohostname",
    "ACCESS_LOG": "syslog:server=unix:/dev/log,nohostname,tag=nginx_access",
    "HTTP_PORT": 80,
    "HTTPS_PORT": 443,
    "CLIENTS_ADDRESS": "",
    "BROKER": "",
}
OWNED = Owned(directories=(layout.NGINX_SITE, layout.WEB_PAGES, layout.NGINX_DROP_IN))
# Tests the configuration with the unit's user and capabilities. Run as root, `nginx -t` would change the owner of its
# folders, also where that user has replaced one by a link.
LOOK = (
    f"setpriv --reuid={layout.WEB_USER} --regid={layout.WEB_USER} --init-groups --inh-caps=+net_bind_service "
    "--ambient-caps=+net_bind_service nginx -t"
)


def tell_what_is_weaker(site: Site) -> None:
    """Warn the operator, at each plan and deploy, if the site has no session domain. A box has no names, hence none."""
    if site.server.session_domain is None and site.box is None:
        logger.warning(
            "server.session_domain is not set: all sessions and the hub share one origin in browsers. What keeps an "
            "analyst's page from a colleague's files is then the gate before each session alone. README.md says what "
            "« a host for each session » takes."
        )


@deploy("Web")
def web(
    *,
    words: Words,
    server: Server,
    certificate: Certificate,
    sessions: str,
    session_paths: Paths,
) -> None:
    """`session_paths`: what browsers may ask of sessions."""
    tree(name="Lay out the static pages", dest=layout.WEB_PAGES, files=page_files(words))
    configuration = tree(
        name="Configure nginx",
        dest=layout.NGINX,
        files={layout.NGINX_CONFIGURATION.rpartition("/")[2]: File(nginx_conf())},
        exclusive=False,
    )
    certificates = tree(
        name="Install the certificate",
        dest=layout.NGINX_SITE,
        files=site_files(server, certificate, sessions=sessions, session_paths=session_paths),
    )
    confinement = tree(
        name="Confine nginx, and restart it when it dies",
        dest=layout.NGINX_DROP_IN,
        files={"site.conf": File(unit_conf())},
    )
    journal = tree(
        name="Give its requests a journal of their own",
        dest=layout.SYSTEMD,
        files={layout.WEB_JOURNAL: File((FILES / layout.WEB_JOURNAL).read_bytes())},
        exclusive=False,
    )
    unit(
        name="Serve the web",
        unit="nginx.service",
        watched=[
            layout.NGINX_CONFIGURATION,
            layout.NGINX_SITE,
            layout.NGINX_DROP_IN,
            layout.NGINX_GATE,
        ],
        changes=[configuration, certificates, confinement, journal],
        ready=f"{LOOK} && curl -s -o /dev/null --insecure https://127.0.0.1/",
    )


def site_files(
    server: Server, certificate: Certificate, *, sessions: str, session_paths: Paths
) -> dict[str, File]:
    """Return the files of nginx's folder for this site, by name."""
    installed = (
        *("headers.conf", "proxy.conf", "paths.conf", "cross-site.conf", "gate.conf"),
        *("session.conf", "sessions-api.conf", "user.conf", "servers.conf"),
    )
    domain = server.session_domain
    others = tuple(dict.fromkeys((server.address, *server.names)))
    return {
        "certificate.pem": File(certificate.chain, mode="644"),
        "key.pem": File(certificate.key, mode="640", group=layout.WEB_USER),
        "names.conf": File(names_conf((*server.all_names, *LOCAL)).encode()),
        "hub-names.conf": File(
            names_conf((domain,) if domain else (*server.all_names, *LOCAL)).encode()
        ),
        "other-names.conf": File(
            names_conf(tuple(one for one in (*others, *LOCAL) if one != domain)).encode()
        ),
        **{name: File(_rendered(name, domain, sessions, session_paths)) for name in installed},
    }


def _rendered(name: str, domain: str | None, sessions: str, session_paths: Paths) -> bytes:
    """Render a file; with a session domain, its variant in files/hosts is used where there is one."""
    hosts = FILES / "hosts" / name
    return rendered_file(
        hosts if domain and hosts.exists() else FILES / name,
        **ON_A_SERVER,
        SESSIONS=sessions,
        SESSION_PATHS=paths_pattern(session_paths),
        DOMAIN=domain or "",
        PATTERN=re.escape(domain or ""),
    )


def paths_pattern(session_paths: Paths) -> str:
    """Return the pattern of the first path segments that browsers may ask of sessions."""
    return "|".join(_pattern(one, session_paths) for one in session_paths.open)


def _pattern(segment: str, paths: Paths) -> str:
    """Return the pattern of a first path segment that is open. Where something below it is closed, the next segment must be
    written as it is read: a server that decodes it, or takes an empty one for none, would find what is closed."""
    if not (closed := "|".join(paths.closed_below(segment))):
        return segment
    return rf"{segment}(?=/?(?:\?|$)|/(?!(?i:{closed})(?:[/?]|$))[A-Za-z0-9_.~-]+(?:[/?]|$))"


def nginx_conf() -> bytes:
    return rendered_file(FILES / "nginx.conf", **ON_A_SERVER)


def unit_conf() -> bytes:
    return rendered_file(FILES / "unit.conf")


def names_conf(names: tuple[str, ...]) -> str:
    """Return nginx's server_name line; IPv6 addresses are in brackets, as in a request."""
    hosts = [f"[{name}]" if ":" in name else name for name in names]
    return f"server_name {' '.join(dict.fromkeys(hosts))};\n"
