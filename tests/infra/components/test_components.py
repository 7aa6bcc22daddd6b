"""The files that components install, checked by the programs that read them on the server."""

import datetime
import json
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from infra.components import docker, firewall, jupyterhub, openchronic, storage, web
from infra.settings import layout
from infra.settings.accounts import Account
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
    units[layout.FIREWALL_UNIT] = firewall.unit_text()
    for slug, base in site.bases.items():
        for name, file in openchronic.build_units(slug, base).items():
            units[name] = file.content
    homes = storage.mount_unit(site.storage.homes)
    units[homes] = storage.mount_unit_text(site.storage.homes)
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


def test_the_hub_is_told_every_profile_with_its_limits(site: Site) -> None:
    told = jupyterhub.session_settings(site)
    assert json.loads(json.dumps(told)) == told
    profiles = told["profiles"]
    assert isinstance(profiles, list)
    assert [profile["slug"] for profile in profiles] == list(site.profiles)
    for profile in profiles:
        assert {"title", "image", "memory_gb", "cpus", "pids", "groups"} <= set(profile)


def with_readers(site: Site, *groups: str) -> Site:
    base = site.bases["demo"].model_copy(update={"source_readers": groups})
    return site.model_copy(update={"bases": {"demo": base}})


@pytest.mark.parametrize(
    ("groups", "option", "folder"),
    [
        ((), "STORE_GROUP=\n", ("700", "openchronic", "openchronic")),
        (
            ("sources",),
            "STORE_GROUP=openchronic-source\n",
            ("750", "openchronic", "openchronic-source"),
        ),
    ],
)
def test_typed_tables_are_open_to_one_group_when_the_site_names_readers_and_to_none_else(
    site: Site, groups: tuple[str, ...], option: str, folder: tuple[str, str, str]
) -> None:
    base = with_readers(site, *groups).bases["demo"]
    assert option in openchronic.settings("demo", base, site.storage)
    zone = f"{layout.RESTRICTED}/demo"
    private = ("700", "openchronic", "openchronic")
    assert openchronic.restricted_folders("demo", base, site.storage) == {
        zone: ("750", "root", "openchronic"),
        f"{zone}/openchronic-demo-store": folder,
        f"{zone}/openchronic-demo-work": private,
        f"{zone}/openchronic-demo-access": private,
        f"{zone}/openchronic-demo-exports": private,
    }


def test_the_hub_is_told_who_reads_which_base(site: Site) -> None:
    told = jupyterhub.session_settings(with_readers(site, "sources", "calcul"))
    assert told["restricted"] == {
        "folder": layout.RESTRICTED,
        "group": "openchronic-source",
        "stores": [
            {
                "base": "demo",
                "place": "demo/openchronic-demo-store",
                "readers": ["sources", "calcul"],
            }
        ],
    }


def test_builds_and_sessions_find_the_restricted_zone_at_the_same_place(site: Site) -> None:
    """A release links to its typed tables by this path."""
    assert f"\nrestricted={layout.RESTRICTED}/$BASE\n" in openchronic.script().decode()
    told = jupyterhub.session_settings(site)["inside"]
    assert isinstance(told, dict)
    assert told["restricted"] == layout.RESTRICTED


def test_no_account_is_put_in_the_group_of_the_restricted_zone() -> None:
    account = {"name": "X", "email": "x@exemple.invalid", "end": datetime.date(2099, 12, 31)}
    Account.model_validate({**account, "login": "x", "groups": ["sources"]})
    with pytest.raises(ValueError, match="openchronic-source is a group of the server's own"):
        Account.model_validate({**account, "login": "x", "groups": ["openchronic-source"]})


def test_analysts_do_not_find_the_accounts_file_in_their_session() -> None:
    names = openchronic.onboarding_files()
    assert names
    assert not [name for name in names if "accounts" in name or name == "README.md"]


def test_systemd_names_the_homes_mount_as_we_do() -> None:
    if not shutil.which("systemd-escape"):
        pytest.skip("systemd-escape is not on this machine")
    for path in (layout.HOMES, "/data/home-of-all"):
        escaped = subprocess.run(
            ["systemd-escape", "--path", "--suffix=mount", path],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        assert storage.mount_unit(path) == escaped


def test_no_page_asks_for_anything_from_elsewhere(site: Site) -> None:
    for name, file in web.page_files(site.title).items():
        text = file.content.decode()
        assert "$title" not in text, name
        assert not re.search(r'(src|href)="?https?://', text), name
