"""Tests that every image must pass."""

import json
import re

from infra.settings import layout
from tests.images.conftest import RunIn
from tests.images.docker import Docker

# Packages' own tests contain private keys.
# R's gargle brings an invented account for its examples.
KEYS_OF_TESTS = re.compile(r"/tests?/|/testing/|/gargle/extdata/fake_service_account[.]json$")


def test_it_runs_as_any_user(look_in: RunIn, image: str) -> None:
    done = look_in(
        image, 'id -u; touch "$HOME/x" && rm "$HOME/x" && echo written', user="54321:54321"
    )
    assert done.out.split() == ["54321", "written"], done


def test_it_never_runs_as_root_by_default(docker: Docker, image: str) -> None:
    config = json.loads(docker("image", "inspect", image).out)[0]["Config"]
    assert config["User"] == "65534:65534"
    assert config["Entrypoint"][0] == "/usr/bin/tini"
    assert config["Healthcheck"]["Test"]


def test_tini_is_the_first_process(look_in: RunIn, image: str) -> None:
    assert look_in(image, "cat /proc/1/comm").out.strip() == "tini"


def test_no_file_gives_more_rights(look_in: RunIn, image: str) -> None:
    found = look_in(
        image, "find / -xdev -type f -perm /6000 2>/dev/null; command -v sudo doas pkexec"
    )
    assert found.out == "", found


def test_users_write_in_temporary_folders_only(look_in: RunIn, image: str) -> None:
    found = look_in(
        image,
        "find / -xdev -writable ! -type l ! -path '/proc/*' ! -path '/dev/*' 2>/dev/null",
        user="54321:54321",
    )
    places = {place for place in found.out.split() if not place.startswith("/tmp")}
    assert places <= {"/var/tmp", "/run/lock", "/dev"}, found


def test_it_is_healthy_until_its_temporary_folder_fails(
    look_in: RunIn, references: dict[str, str]
) -> None:
    """Only in `base`, since `jupyter` has another health check."""
    assert look_in(references["base"], "healthy").status == 0
    assert look_in(references["base"], "TMPDIR=/absent healthy").status != 0


def test_french_is_the_default(look_in: RunIn, image: str) -> None:
    done = look_in(image, "locale charmap; date -d 2020-01-01 +%B; ls /absent 2>&1; date +%Z")
    assert "UTF-8" in done.out, done
    assert "janvier" in done.out, done
    assert "Aucun fichier" in done.out, done
    assert "CE" in done.out.split()[-1], done


def test_security_updates_are_among_its_sources(look_in: RunIn, image: str) -> None:
    done = look_in(
        image, f"cat {layout.APT}/sources.list {layout.APT}/sources.list.d/* 2>/dev/null"
    )
    assert "trixie-security" in done.out, done


def test_it_trusts_certificates(look_in: RunIn, image: str) -> None:
    done = look_in(
        image, 'grep -c BEGIN "$SSL_CERT_FILE"; test "$REQUESTS_CA_BUNDLE" = "$SSL_CERT_FILE"'
    )
    assert done.status == 0, done
    assert int(done.out) > 50, done


def test_it_holds_no_secret(look_in: RunIn, docker: Docker, image: str) -> None:
    done = look_in(
        image,
        "grep -rIl --exclude-dir=proc --exclude-dir=sys -e '-----BEGIN.* PRIVATE KEY-----' / 2>/dev/null",
    )
    keys = [line for line in done.out.splitlines() if not KEYS_OF_TESTS.search(line)]
    # Libraries that read keys contain the marker only.
    assert [key for key in keys if not key.endswith((".py", ".pyc", ".so", ".jar", ".pm"))] == []
    told = docker("image", "inspect", image).out + docker("history", "--no-trunc", image).out
    assert not re.search(r"://[^/\s\"@]+:[^/\s\"@]+@", told), "a password in an address"
    assert not re.search(r"(?i)(token|password|secret)=\S", told)


def test_it_keeps_no_installer_cache(look_in: RunIn, image: str) -> None:
    done = look_in(
        image,
        f"ls {layout.APT_LISTS} /var/cache/apt/archives /root/.cache 2>/dev/null | grep -E 'Packages|deb$|uv'",
        user="0:0",
    )
    assert done.out == "", done
