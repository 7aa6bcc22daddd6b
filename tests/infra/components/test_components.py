"""The files that components install, checked by the programs that read them on the server."""

import json
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from infra.components import (
    docker,
    firewall,
    gpu,
    jupyterhub,
    openchronic,
    passwords,
    projects,
    storage,
)
from infra.components.web.static_pages import Words, page_files
from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS
from infra.settings.grants import Grant, site_grants, typed_bases
from infra.settings.site import Site
from infra.settings.site_file import load_site

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site("box")


def test_docker_keeps_sessions_through_its_restarts_and_bounds_their_logs(site: Site) -> None:
    settings = json.loads(docker.daemon_json(site.storage))
    assert settings["live-restore"] is True
    assert settings["icc"] is False
    assert settings["no-new-privileges"] is True
    assert settings["log-opts"]["max-size"]


def test_no_session_dumps_the_data_in_its_memory(site: Site) -> None:
    settings = json.loads(docker.daemon_json(site.storage))
    core = settings["default-ulimits"]["core"]
    assert (core["Soft"], core["Hard"]) == (0, 0)


def test_every_unit_is_one_that_systemd_reads(site: Site, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    units = {name: file.content for name, file in jupyterhub.unit_files(site).items()}
    units |= {name: file.content for name, file in passwords.unit_files(site.logins).items()}
    units[layout.FIREWALL_UNIT] = firewall.unit_text()
    units[layout.CDI_UNIT] = gpu.unit_text()
    for slug, base in site.bases.items():
        for name, file in openchronic.build_units(slug, base).items():
            units[name] = file.content
    homes = storage.mount_unit(site.storage.homes)
    units[homes] = storage.mount_unit_text(site.storage.homes)
    units |= {name: file.content for name, file in projects.unit_files(site.storage).items()}
    for name, content in units.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in units)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [
        line
        for line in done.stderr.splitlines()
        # Ignored: this machine lacks some programs and units of the server.
        if not re.search(
            r"is not executable|not found|Failed to (load|prepare)|Failed to create", line
        )
    ]
    assert [line for line in told if str(tmp_path) in line] == []


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("nft"), reason="needs root and nftables")
def test_the_firewall_replaces_its_own_tables_and_leaves_the_others(
    site: Site, tmp_path: Path
) -> None:
    namespace = f"oc-fw-{uuid.uuid4().hex[:6]}"
    inside = ["ip", "netns", "exec", namespace, "nft"]
    subprocess.run(["ip", "netns", "add", namespace], check=True)
    try:
        subprocess.run([*inside, "add table ip nat; add chain ip nat DOCKER"], check=True)
        file = tmp_path / "rules.nft"
        for sources in ((), ("192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32")):
            ssh = site.server.ssh.model_copy(update={"port": 2222, "sources": sources})
            server = site.server.model_copy(update={"ssh": ssh})
            network = site.network.model_copy(update={"sessions": "10.99.0.0/22"})
            here = site.model_copy(update={"server": server, "network": network})
            file.write_text(firewall.rules(here))
            subprocess.run([*inside, "--file", str(file)], check=True)
        listed = subprocess.run(
            [*inside, "list", "ruleset"], capture_output=True, text=True, check=True
        ).stdout
    finally:
        subprocess.run(["ip", "netns", "delete", namespace], check=True)
    assert "DOCKER" in listed
    assert "ip saddr { 192.0.2.0/24, 198.51.100.7 } tcp dport 2222 accept" in listed
    assert "ip6 saddr 2001:db8::/32 tcp dport 2222 accept" in listed
    assert f"ip daddr 10.99.0.1 tcp dport {layout.SESSIONS_API_PORT} accept" in listed
    assert "ip saddr 10.99.0.0/22 drop" in listed
    assert "@" not in file.read_text().replace("@clients", "").replace("@sessions", "")
    assert listed.count("table inet site") == 1
    assert "flush ruleset" not in (firewall.FILES / "rules.nft").read_text()


@pytest.fixture
def granted(site: Site) -> tuple[Grant, ...]:
    return site_grants(site)


def test_the_hub_is_told_every_profile_with_its_limits(
    site: Site, granted: tuple[Grant, ...]
) -> None:
    told = jupyterhub.session_settings(site, granted)
    assert json.loads(json.dumps(told)) == told
    profiles = told["profiles"]
    assert isinstance(profiles, list)
    assert [profile["slug"] for profile in profiles] == list(site.profiles)
    for profile in profiles:
        assert {"title", "image", "memory_gb", "cpus", "pids", "projects"} <= set(profile)


def test_the_hub_is_told_every_project_with_its_members_and_their_days(
    site: Site, granted: tuple[Grant, ...]
) -> None:
    told = jupyterhub.session_settings(site, granted)["projects"]
    assert isinstance(told, list)
    by_slug = {project["slug"]: project for project in told}
    assert list(by_slug) == ["variations", "parcours", *SMOKE_LOGINS]
    assert by_slug["parcours"] == {
        "slug": "parcours",
        "title": "Parcours entre la ville et l’hôpital",
        "purpose": by_slug["parcours"]["purpose"],
        "group": "projet-parcours",
        "bases": ["cohorte"],
        "source_tables": False,
        "members": {
            login: {"first": "2020-01-01", "last": "2099-12-31"} for login in ("demo", "alix")
        },
        "groups": [],
        "period": {"first": "2020-01-01", "last": "2099-12-31"},
        "home": f"{site.storage.homes}/{{login}}@parcours",
    }
    smoke, colleague = (by_slug[login] for login in SMOKE_LOGINS)
    assert (smoke["bases"], colleague["bases"]) == (list(site.bases), [])
    assert colleague["members"] == {"smoke-colleague": {"first": None, "last": None}}


@pytest.mark.parametrize(
    ("typed", "option", "folder"),
    [
        (False, "STORE_GROUP=\n", ("700", "openchronic", "openchronic")),
        (
            True,
            "STORE_GROUP=openchronic-source\n",
            ("750", "openchronic", "openchronic-source"),
        ),
    ],
)
def test_typed_tables_are_open_to_one_group_when_a_project_reads_them_and_to_none_else(
    site: Site, typed: bool, option: str, folder: tuple[str, str, str]
) -> None:
    base = site.bases["demo"]
    assert option in openchronic.settings("demo", base, site.storage, typed=typed)
    zone = f"{layout.RESTRICTED}/demo"
    private = ("700", "openchronic", "openchronic")
    assert openchronic.restricted_folders("demo", site.storage, typed=typed) == {
        zone: ("750", "root", "openchronic"),
        f"{zone}/openchronic-demo-store": folder,
        f"{zone}/openchronic-demo-work": private,
        f"{zone}/openchronic-demo-access": private,
        f"{zone}/openchronic-demo-exports": private,
    }


def test_typed_tables_are_open_where_a_project_reads_them(granted: tuple[Grant, ...]) -> None:
    assert typed_bases(granted) == {"demo"}


def test_the_hub_is_told_where_typed_tables_are(site: Site, granted: tuple[Grant, ...]) -> None:
    told = jupyterhub.session_settings(site, granted)
    assert told["restricted"] == {
        "folder": layout.RESTRICTED,
        "group": "openchronic-source",
        "stores": [
            {"base": slug, "place": f"{slug}/openchronic-{slug}-store"} for slug in site.bases
        ],
    }


def test_builds_and_sessions_find_the_restricted_zone_at_the_same_place(
    site: Site, granted: tuple[Grant, ...]
) -> None:
    """A release links to its typed tables by this path."""
    assert f"\nrestricted={layout.RESTRICTED}/$BASE\n" in openchronic.script().decode()
    told = jupyterhub.session_settings(site, granted)["inside"]
    assert isinstance(told, dict)
    assert told["restricted"] == layout.RESTRICTED


def test_analysts_do_not_find_the_accounts_file_in_their_session() -> None:
    names = openchronic.onboarding_files()
    assert names
    assert not [name for name in names if "accounts" in name or name == "README.md"]


def test_systemd_names_the_homes_mount_as_we_do() -> None:
    if not shutil.which("systemd-escape"):
        pytest.skip("systemd-escape is not on this machine")
    for path in (layout.HOMES, layout.TEAMS, "/data/home-of-all"):
        escaped = subprocess.run(
            ["systemd-escape", "--path", "--suffix=mount", path],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        assert storage.mount_unit(path) == escaped


def test_no_page_asks_for_anything_from_elsewhere(site: Site) -> None:
    for name, file in page_files(Words(site.title)).items():
        text = file.content.decode()
        assert "$title" not in text, name
        assert not re.search(r'(src|href)="?https?://', text), name
