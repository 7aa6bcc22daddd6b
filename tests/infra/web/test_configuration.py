"""nginx's configuration, as far as it can be judged without nginx: the server tests ask nginx itself."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra import firewall, jupyterhub, openchronic, web
from infra.site import load_site
from tests.server.test_hardening import HIGHEST

NGINX = (web.FILES / "nginx.conf").read_text()


def test_the_server_answers_to_its_names_and_to_those_of_an_ssh_tunnel() -> None:
    said = web.names_conf(("192.0.2.7", "2001:db8::7", "big-data.example"))
    names = said.removeprefix("server_name ").removesuffix(";\n").split()
    assert names[:3] == ["192.0.2.7", "[2001:db8::7]", "big-data.example"]
    assert {"localhost", "127.0.0.1"} <= set(names)


def test_any_other_name_gets_nothing() -> None:
    for server in re.findall(r"(?ms)^  server \{$.*?^  \}$", NGINX):
        if "default_server" in server:
            assert "return 421;" in server
            assert "proxy" not in server
        else:
            assert "include site/names.conf;" in server


def test_every_error_page_is_there() -> None:
    pages = web.page_files("Essai")
    named = re.findall(r"error_page [\d ]+ /(\S+);", NGINX)
    assert len(named) >= 3
    assert set(named) <= set(pages)


def test_nothing_that_is_included_is_missing() -> None:
    included = set(re.findall(r"include site/(\S+);", NGINX))
    assert {"names.conf", "headers.conf", "proxy.conf"} <= included
    for name in included - {"names.conf"}:
        assert (web.FILES / name).exists()


def test_headers_of_ours_are_hidden_in_what_sessions_answer() -> None:
    added = set(re.findall(r"^add_header (\S+)", (web.FILES / "headers.conf").read_text(), re.M))
    hidden = set(
        re.findall(r"^proxy_hide_header (\S+);", (web.FILES / "proxy.conf").read_text(), re.M)
    )
    # The hub and the sessions have content policies of their own.
    assert added - hidden == {"Content-Security-Policy"}


def test_no_unit_is_loose(tmp_path: Path) -> None:
    """Before any server is there; tests/server/security_scores.toml holds the exact ceilings."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    site = load_site("box")
    units = {
        name: file.content
        for name, file in jupyterhub.unit_files(site).items()
        if name.endswith(".service")
    }
    units["site-firewall.service"] = (firewall.FILES / "site-firewall.service").read_bytes()
    for slug, base in site.bases.items():
        units[f"openchronic-build-{slug}.service"] = openchronic.service_text(slug, base).encode()
    # As Debian's unit would be with our drop-in.
    drop_in = (web.FILES / "unit.conf").read_bytes()
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
