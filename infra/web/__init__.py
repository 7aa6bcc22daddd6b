"""The web server: TLS, security headers, the landing page, and the way to JupyterHub's proxy."""

import string
import textwrap
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.jupyterhub import GATE
from infra.ops import File, tree, unit
from infra.ownership import Owned
from infra.web.certificates import Certificate

FILES = Path(__file__).parent / "files"
FRAME = Path(__file__).parent / "frame.html"
PAGES = Path(__file__).parent / "pages"
PACKAGES = ("nginx-light",)
SITE = "/etc/nginx/site"
WWW = "/srv/www"
DROP_IN = "/etc/systemd/system/nginx.service.d"
GROUP = "www-data"
# From the server itself, and through an operator's `ssh -L`.
LOCAL = ("localhost", "127.0.0.1", "::1")
OWNED = Owned(directories=(SITE, WWW, DROP_IN))


@deploy("Web")
def web(*, title: str, names: tuple[str, ...], certificate: Certificate) -> None:
    tree(name="Lay out the landing page", dest=WWW, files=page_files(title))
    configuration = tree(
        name="Configure nginx",
        dest="/etc/nginx",
        files={"nginx.conf": File((FILES / "nginx.conf").read_bytes())},
        exclusive=False,
    )
    certificates = tree(
        name="Install the certificate",
        dest=SITE,
        files={
            "certificate.pem": File(certificate.chain, mode="644"),
            "key.pem": File(certificate.key, mode="640", group=GROUP),
            "names.conf": File(names_conf(names).encode()),
            "headers.conf": File((FILES / "headers.conf").read_bytes()),
            "proxy.conf": File((FILES / "proxy.conf").read_bytes()),
            "gate.conf": File((FILES / "gate.conf").read_bytes()),
            "session.conf": File((FILES / "session.conf").read_bytes()),
        },
    )
    confinement = tree(
        name="Confine nginx, and restart it when it dies",
        dest=DROP_IN,
        files={"site.conf": File((FILES / "unit.conf").read_bytes())},
    )
    unit(
        name="Serve the web",
        unit="nginx.service",
        watched=["/etc/nginx/nginx.conf", SITE, DROP_IN, GATE],
        changes=[configuration, certificates, confinement],
        ready="nginx -t && curl -s -o /dev/null --insecure https://127.0.0.1/",
    )


def names_conf(names: tuple[str, ...]) -> str:
    """The names that the server answers to, as browsers write them in a request."""
    hosts = [f"[{name}]" if ":" in name else name for name in (*names, *LOCAL)]
    return f"server_name {' '.join(dict.fromkeys(hosts))};\n"


def page_files(title: str) -> dict[str, File]:
    """The pages, each in the frame that all share, with the site's title in them."""
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
