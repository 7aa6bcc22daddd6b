"""What a server's nginx reads, to the byte: words that differ on a cluster (charts/bigdata) change nothing here."""

import hashlib
from pathlib import Path

import pytest

from infra.components import web
from infra.components.web.certificates import Certificate
from infra.settings import layout
from infra.settings.image_graph import GRAPH
from infra.settings.site import Server
from infra.settings.site_file import load_site

# `sha256sum` of each file, for the site of the tests and for one with a session domain. Whoever changes what nginx is told
# writes the new sums here, having looked at what the change does on a cluster.
SUMS = Path(__file__).with_name("rendered.sha256")
DOMAIN = "big-data.example"


def rendered(domain: str | None) -> dict[str, bytes]:
    site = load_site("test")
    # A box's own address is that of its checkout.
    fixed = {"address": "192.0.2.1", "names": (), "session_domain": domain}
    server = Server.model_validate(site.server.model_dump() | fixed)
    files = web.site_files(
        server,
        Certificate(b"", b""),
        sessions=layout.SESSIONS_SUBNET,
        session_paths=GRAPH.paths(GRAPH.of_sessions),
    )
    texts = {name: file.content for name, file in files.items() if name.endswith(".conf")}
    return texts | {"nginx.conf": web.nginx_conf(), "unit.conf": web.unit_conf()}


@pytest.mark.parametrize(("kind", "domain"), [("one-host", None), ("own-hosts", DOMAIN)])
def test_a_server_reads_what_it_read(kind: str, domain: str | None) -> None:
    lines = [line.split("  ") for line in SUMS.read_text().splitlines()]
    sums = {name: known for known, name in lines if name.startswith(f"{kind}/")}
    files = rendered(domain)
    made = {f"{kind}/{name}": hashlib.sha256(text).hexdigest() for name, text in files.items()}
    assert made == sums
