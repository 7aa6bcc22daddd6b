"""The defaults of mirrors, proxy and CA, read from folders that play a machine."""

from pathlib import Path

import pytest

from infra.settings.pip_settings import uv_environment
from infra.settings.settings_from_machine import (
    MachinePackages,
    debian_mirrors,
    packages_from_machine,
)

DEBIAN = """\
bookworm|main|Debian|http://m.example/debian/
bookworm-updates|main|Debian|http://m.example/debian/
bookworm-security|main|Debian|http://s.example/debian-security/
"""


def machine(
    root: Path, environment: dict[str, str] | None = None, listing: str = ""
) -> MachinePackages:
    return packages_from_machine(
        root=root, home=root / "root", environment=environment or {}, sources=lambda: listing
    )


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_a_bare_machine_sets_nothing(tmp_path: Path) -> None:
    assert machine(tmp_path) == MachinePackages()


@pytest.mark.parametrize(
    ("listing", "main", "security"),
    [
        (DEBIAN, "http://m.example/debian", "http://s.example/debian-security"),
        # Before the first `apt-get update`, apt knows no origin.
        (DEBIAN.replace("|Debian|", "||"), "http://m.example/debian", "http://s.example/debian-security"),
        # Another vendor's repository with the same suite name.
        ("bookworm|main|Vendor|http://v.example/apt\n" + DEBIAN, "http://m.example/debian", "http://s.example/debian-security"),
        ("trixie|main|Debian|http://m.example/debian/\n", "http://m.example/debian", "http://m.example/debian-security"),
        ("stable|main||https://m.example/d/\nstable-security|main||https://m.example/s/\n", "https://m.example/d", "https://m.example/s"),
        ("bookworm|main|Debian|cdrom:[Debian]/\n", None, None),
        ("noble|main|Ubuntu|http://u.example/ubuntu/\n", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_debian_mirrors(listing: str, main: str | None, security: str | None) -> None:
    assert debian_mirrors(listing) == (main, security)


def test_pip_and_npm_files_and_variables(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "etc/pip.conf": "[global]\nindex-url = https://a.example/simple/\n",
            "etc/npmrc": "registry=https://a.example/npm/\n",
        },
    )
    found = machine(tmp_path)
    assert (found.pypi, found.npm) == ("https://a.example/simple", "https://a.example/npm")
    write(
        tmp_path,
        {
            "root/.config/pip/pip.conf": "[global]\nindex_url = https://b.example/simple\n",
            "root/.npmrc": 'fund=false\nregistry = "https://b.example/npm"\n',
        },
    )
    found = machine(tmp_path)
    assert (found.pypi, found.npm) == ("https://b.example/simple", "https://b.example/npm")
    found = machine(
        tmp_path,
        {
            "PIP_INDEX_URL": "https://c.example/simple",
            "npm_config_registry": "https://c.example/npm",
        },
    )
    assert (found.pypi, found.npm) == ("https://c.example/simple", "https://c.example/npm")
    found = machine(
        tmp_path, {"UV_DEFAULT_INDEX": "https://d.example", "PIP_INDEX_URL": "https://c.example"}
    )
    assert found.pypi == "https://d.example"


def test_proxy_and_certificates(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "usr/local/share/ca-certificates/b.crt": "",
            "usr/local/share/ca-certificates/office/a.crt": "",
            "usr/local/share/ca-certificates/notes.txt": "",
        },
    )
    found = machine(tmp_path, {"https_proxy": "http://p.example:3128", "NO_PROXY": "m.example"})
    assert (found.proxy, found.no_proxy) == ("http://p.example:3128", "m.example")
    assert [file.name for file in found.ca_certificates] == ["b.crt", "a.crt"]


def test_a_broken_pip_file_is_as_good_as_none(tmp_path: Path) -> None:
    write(tmp_path, {"etc/pip.conf": "index-url = https://a.example\n"})
    assert machine(tmp_path).pypi is None


def test_uv_is_told_what_pip_is_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "etc/pip.conf": (
                "[global]\nindex-url = https://a.example/simple\n"
                "extra-index-url =\n  https://b.example/simple\n  https://c.example/simple\n"
                f"find-links = {tmp_path} /no/such/folder\n"
                "[install]\ntrusted-host = b.example\n"
            )
        },
    )
    variables = uv_environment(
        {"PIP_CERT": "/ca.pem", "PIP_DEFAULT_TIMEOUT": "90", "UV_INDEX": "https://mine.example"},
        root=tmp_path,
        home=tmp_path,
    )
    assert variables == {
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "true",
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_FIND_LINKS": str(tmp_path),
        "UV_INSECURE_HOST": "b.example",
        "UV_HTTP_TIMEOUT": "90",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
