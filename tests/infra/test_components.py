"""What the components would install, checked by the programs that will read it."""

import json
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from infra import docker, firewall, jupyterhub, openchronic, storage, web
from infra.accounts import Account
from infra.site import Base, Site, Storage, load_site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site("box")


def test_docker_keeps_sessions_through_its_restarts_and_bounds_their_logs(site: Site) -> None:
    settings = json.loads(docker.daemon_json(site.storage))
    assert settings["live-restore"] is True
    assert settings["icc"] is False
    assert settings["no-new-privileges"] is True
    assert settings["log-opts"]["max-size"]


def test_every_unit_is_one_that_systemd_reads(site: Site, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    units = {name: file.content for name, file in jupyterhub.unit_files(site).items()}
    units["site-firewall.service"] = (firewall.FILES / "site-firewall.service").read_bytes()
    for slug, base in site.bases.items():
        units[f"openchronic-build-{slug}.service"] = openchronic.service_text(slug, base).encode()
        units[f"openchronic-build-{slug}.timer"] = openchronic.timer_text(slug, base).encode()
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
        # Programs and units of the server that this machine does not have.
        if not re.search(
            r"is not executable|not found|Failed to (load|prepare)|Failed to create", line
        )
    ]
    assert [line for line in told if str(tmp_path) in line] == []


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("nft"), reason="needs root and nftables")
def test_the_firewall_replaces_its_own_tables_and_leaves_the_others(tmp_path: Path) -> None:
    namespace = f"oc-fw-{uuid.uuid4().hex[:6]}"
    inside = ["ip", "netns", "exec", namespace, "nft"]
    subprocess.run(["ip", "netns", "add", namespace], check=True)
    try:
        subprocess.run([*inside, "add table ip nat; add chain ip nat DOCKER"], check=True)
        for _ in range(2):
            subprocess.run([*inside, "--file", str(firewall.FILES / "rules.nft")], check=True)
        listed = subprocess.run(
            [*inside, "list", "ruleset"], capture_output=True, text=True, check=True
        ).stdout
    finally:
        subprocess.run(["ip", "netns", "delete", namespace], check=True)
    assert "DOCKER" in listed
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
        ((), "STORE_GROUP=\n", ("700", "openchronic")),
        (("sources",), "STORE_GROUP=openchronic-source\n", ("750", "openchronic-source")),
    ],
)
def test_typed_tables_are_open_to_one_group_when_the_site_names_readers_and_to_none_else(
    site: Site, groups: tuple[str, ...], option: str, folder: tuple[str, str]
) -> None:
    base = with_readers(site, *groups).bases["demo"]
    assert option in openchronic.settings("demo", base, site.storage)
    assert openchronic.restricted_folders("demo", base, site.storage) == {
        "/srv/openchronic-restricted/demo": ("700", "openchronic"),
        "/srv/openchronic-restricted/demo/openchronic-demo-store": folder,
    }


@pytest.mark.parametrize(("keep", "option"), [(None, "--max-rejects 0.01"), (3, "--keep 3")])
def test_a_build_keeps_as_many_releases_as_the_site_says_and_all_unless_it_does(
    site: Site, tmp_path: Path, keep: int | None, option: str
) -> None:
    """The script as it is installed, with a program in docker's place that says what it was asked."""
    base = with_readers(site).bases["demo"]  # their group is not on this machine
    base = base.model_copy(update={"build": base.build.model_copy(update={"keep_releases": keep})})
    done = run_script(tmp_path, base, site.storage, "build")
    assert done.stdout.rstrip().endswith(option), done.stderr


def run_script(
    place: Path, base: Base, storage: Storage, *verb: str, **env: str
) -> subprocess.CompletedProcess[str]:
    """The script as it is installed; docker and logger say what they were asked, in `logged` the latter."""
    (place / "demo.env").write_text(openchronic.settings("demo", base, storage))
    (place / "current.json").write_text('{"spark": "image"}')
    for name, text in (("docker", 'echo "$@"'), ("logger", f'echo "$@" >> {place}/logged')):
        (place / name).write_text(f"#!/bin/sh\n{text}\n")
        (place / name).chmod(0o755)
    script = (openchronic.FILES / "run").read_text()
    for folder in ("/etc/openchronic/", "/var/lib/images/"):
        script = script.replace(folder, f"{place}/")
    script = script.replace("id -u openchronic", "id -u").replace("id -g openchronic", "id -g")
    return subprocess.run(
        ["bash", "-c", script, "run", "demo", *verb],
        env={**os.environ, "PATH": f"{place}:{os.environ['PATH']}", **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_who_traces_an_event_is_in_the_journal_and_given_the_key(
    site: Site, tmp_path: Path
) -> None:
    base = with_readers(site).bases["demo"]
    done = run_script(tmp_path, base, site.storage, "trace", "ab12", SUDO_USER="mdurand")
    assert "mdurand asked of the base demo: trace ab12" in (tmp_path / "logged").read_text()
    assert done.stdout.rstrip().endswith("--key /run/site.key ab12"), done.stderr
    assert "--env SUDO_USER=mdurand" in done.stdout
    assert "/var/lib/secrets/openchronic-demo.key:/run/site.key:ro" in done.stdout


def test_an_export_sees_its_zone_and_the_folders_that_the_site_allows(
    site: Site, tmp_path: Path
) -> None:
    storage = site.storage.model_copy(update={"restricted": str(tmp_path / "restricted")})
    allowed = tmp_path / "exports"
    base = with_readers(site).bases["demo"].model_copy(update={"export_folders": (str(allowed),)})
    assert openchronic.exports_text(base) == f'folders = ["{allowed}"]\n'
    absent = run_script(tmp_path, base, storage, "export", "--meds", "cancer")
    assert absent.returncode == 1
    assert f"no folder {allowed}" in absent.stderr
    allowed.mkdir()
    done = run_script(tmp_path, base, storage, "export", "--meds", "cancer", SUDO_USER="mdurand")
    assert f"--volume {allowed}:{allowed}" in done.stdout, done.stderr
    assert "--workdir /srv/openchronic-restricted/demo/openchronic-demo-exports" in done.stdout
    assert "site.key" not in done.stdout
    assert (
        "mdurand asked of the base demo: export --meds cancer" in (tmp_path / "logged").read_text()
    )
    made = tmp_path / "restricted/demo/openchronic-demo-exports"
    assert made.stat().st_mode & 0o777 == 0o700


def test_the_hub_is_told_who_reads_which_base(site: Site) -> None:
    told = jupyterhub.session_settings(with_readers(site, "sources", "calcul"))
    assert told["restricted"] == {
        "folder": "/srv/openchronic-restricted",
        "group": "openchronic-source",
        "stores": [
            {
                "base": "demo",
                "place": "demo/openchronic-demo-store",
                "readers": ["sources", "calcul"],
            }
        ],
    }


def test_builds_and_sessions_find_the_restricted_zone_at_the_same_place() -> None:
    """A release links to its store by this path."""
    place = re.escape(openchronic.RESTRICTED)
    assert re.search(
        rf"^ *restricted={place}/\$BASE$", (openchronic.FILES / "run").read_text(), re.M
    )
    hub = (ROOT / "jupyterhub-conf" / "restricted.py").read_text()
    assert re.search(rf'^TARGET = "{place}"$', hub, re.M)


def test_no_account_is_put_in_the_group_of_the_restricted_zone() -> None:
    account = {"name": "X", "email": "x@exemple.invalid", "end": "2099-12-31"}
    Account.model_validate({**account, "login": "x", "groups": ["sources"]})
    with pytest.raises(ValueError, match="openchronic-source is a group of the server's own"):
        Account.model_validate({**account, "login": "x", "groups": ["openchronic-source"]})


def test_analysts_do_not_find_the_accounts_file_in_their_session() -> None:
    names = openchronic.onboarding_files()
    assert names
    assert not [name for name in names if "accounts" in name]


def test_systemd_names_the_homes_mount_as_we_do() -> None:
    if not shutil.which("systemd-escape"):
        pytest.skip("systemd-escape is not on this machine")
    for path in ("/srv/homes", "/data/home-of-all"):
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
