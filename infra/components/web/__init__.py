"""Configures nginx: TLS, security headers, the landing page, and the reverse proxy to JupyterHub."""

import re
import string
import textwrap
from pathlib import Path

from pyinfra import logger
from pyinfra.api.deploy import deploy

from infra.components.web.certificates import Certificate
from infra.operations.ops import File, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.site import Server, Site

FILES = Path(__file__).parent / "files"
FRAME = Path(__file__).parent / "frame.html"
PAGES = Path(__file__).parent / "pages"
PACKAGES = ("nginx-light",)
# Names by which the server is reached from itself, and through an operator's `ssh -L`.
LOCAL = ("localhost", "127.0.0.1", "::1")
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
def web(*, title: str, server: Server, certificate: Certificate, sessions: str) -> None:
    tree(name="Lay out the landing page", dest=layout.WEB_PAGES, files=page_files(title))
    configuration = tree(
        name="Configure nginx",
        dest=layout.NGINX,
        files={layout.NGINX_CONFIGURATION.rpartition("/")[2]: File(nginx_conf())},
        exclusive=False,
    )
    certificates = tree(
        name="Install the certificate",
        dest=layout.NGINX_SITE,
        files=site_files(server, certificate, sessions=sessions),
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


def site_files(server: Server, certificate: Certificate, *, sessions: str) -> dict[str, File]:
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
        **{name: File(_rendered(name, domain, sessions)) for name in installed},
    }


def _rendered(name: str, domain: str | None, sessions: str) -> bytes:
    """Render a file; with a session domain, its variant in files/hosts is used where there is one."""
    hosts = FILES / "hosts" / name
    return rendered_file(
        hosts if domain and hosts.exists() else FILES / name,
        SESSIONS=sessions,
        DOMAIN=domain or "",
        PATTERN=re.escape(domain or ""),
    )


def nginx_conf() -> bytes:
    return rendered_file(FILES / "nginx.conf")


def unit_conf() -> bytes:
    return rendered_file(FILES / "unit.conf")


def names_conf(names: tuple[str, ...]) -> str:
    """Return nginx's server_name line; IPv6 addresses are in brackets, as in a request."""
    hosts = [f"[{name}]" if ":" in name else name for name in names]
    return f"server_name {' '.join(dict.fromkeys(hosts))};\n"


def page_files(title: str) -> dict[str, File]:
    """Return the static files by path; each HTML page is put into the common frame, with the site's title."""
    frame = string.Template(FRAME.read_text(encoding="utf-8"))
    files = {}
    for path in sorted(PAGES.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".html":
                heading, main = content.decode().strip().split("\n", 1)
                main = textwrap.indent(main, " " * 4).strip()
                page = frame.safe_substitute(heading=heading, main=main)
                content = string.Template(page).safe_substitute(title=title).encode()
            files[str(path.relative_to(PAGES))] = File(content)
    return files
