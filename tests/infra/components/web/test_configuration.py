"""The text of nginx's configuration; tests/server asks nginx itself."""

import logging
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.components import firewall, jupyterhub, openchronic, web
from infra.components.web.certificates import Certificate
from infra.components.web.static_pages import Words, page_files
from infra.settings import layout
from infra.settings.image_graph import Paths
from infra.settings.settings_file import ROOT
from infra.settings.site import Server, Ssh
from infra.settings.site_file import load_site
from tests.server.test_hardening import HIGHEST

NGINX = web.nginx_conf().decode()


def test_the_server_answers_to_its_names_and_to_those_of_an_ssh_tunnel() -> None:
    said = web.names_conf(("192.0.2.7", "2001:db8::7", "big-data.example", *web.LOCAL))
    names = said.removeprefix("server_name ").removesuffix(";\n").split()
    assert names[:3] == ["192.0.2.7", "[2001:db8::7]", "big-data.example"]
    assert {"localhost", "127.0.0.1"} <= set(names)


def test_any_other_name_gets_nothing() -> None:
    for server in re.findall(r"(?ms)^  server \{$.*?^  \}$", NGINX):
        if "default_server" in server:
            assert "return 421;" in server
            assert "proxy" not in server
        else:
            assert re.search(r"include site/(hub-)?names\.conf;", server)


def test_every_error_page_is_there() -> None:
    pages = page_files(Words("Essai"))
    named = re.findall(r"error_page [\d ]+ /(\S+);", NGINX)
    assert len(named) >= 3
    assert set(named) <= set(pages)


@pytest.mark.parametrize("domain", [None, "big-data.example"])
def test_nothing_that_is_included_is_missing(domain: str | None) -> None:
    server = Server(address="192.0.2.7", session_domain=domain, ssh=Ssh(user="ops"))
    installed = web.site_files(
        server,
        Certificate(b"", b""),
        sessions=layout.SESSIONS_SUBNET,
        session_paths=Paths(("lab",)),
    )
    texts = [NGINX, *(file.content.decode() for file in installed.values())]
    included = {name for text in texts for name in re.findall(r"include site/(\S+);", text)}
    assert {"names.conf", "headers.conf", "proxy.conf"} <= included
    assert included <= set(installed)
    assert not [text for text in texts if re.search(r"@[A-Z]+@", text)]


@pytest.mark.parametrize(
    ("box", "domain", "warned"),
    [(False, None, True), (False, "big-data.example", False), (True, None, False)],
)
def test_an_operator_is_told_what_one_origin_for_all_means(
    caplog: pytest.LogCaptureFixture, box: bool, domain: str | None, warned: bool
) -> None:
    site = load_site("box")
    server = site.server.model_copy(update={"session_domain": domain})
    site = site.model_copy(update={"server": server, **({} if box else {"box": None})})
    with caplog.at_level("WARNING", logger="pyinfra"):
        logging.getLogger("pyinfra").addHandler(caplog.handler)
        try:
            web.tell_what_is_weaker(site)
        finally:
            logging.getLogger("pyinfra").removeHandler(caplog.handler)
    assert ("share one origin" in caplog.text) == warned
    assert "web.tell_what_is_weaker(site)" in (ROOT / "infra" / "deploy.py").read_text()


def test_headers_of_ours_are_hidden_in_what_sessions_answer() -> None:
    added = set(re.findall(r"^add_header (\S+)", (web.FILES / "headers.conf").read_text(), re.M))
    hidden = set(
        re.findall(r"^proxy_hide_header (\S+);", (web.FILES / "proxy.conf").read_text(), re.M)
    )
    # The hub and the sessions send their own Content-Security-Policy.
    assert added - hidden == {"Content-Security-Policy"}


def test_no_unit_is_loose(tmp_path: Path) -> None:
    """This needs no server; tests/server/security_scores.toml has the exact limits."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    site = load_site("box")
    units = {
        name: file.content
        for name, file in jupyterhub.unit_files(site).items()
        if name.endswith(".service")
    }
    units[layout.FIREWALL_UNIT] = firewall.unit_text()
    for slug, base in site.bases.items():
        service = f"{layout.build_unit(slug)}.service"
        units[service] = openchronic.build_units(slug, base)[service].content
    # Debian's unit with our drop-in.
    drop_in = web.unit_conf()
    units["nginx.service"] = drop_in + b"ExecStart=/usr/sbin/nginx\n"
    units["control.service"] = b"[Service]\nExecStart=/bin/true\n"
    for name, content in units.items():
        place = tmp_path / name
        place.write_bytes(content)
        done = subprocess.run(
            [
                "systemd-analyze",
                "security",
                "--offline=true",
                f"--threshold={HIGHEST * 10:.0f}",
                str(place),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if "unrecognized option" in done.stderr:
            pytest.skip("this systemd-analyze judges running units alone")
        assert (done.returncode == 0) == (name != "control.service"), (
            f"{name}: {done.stdout[-300:]}"
        )
