"""A setting in GB is in units of 2^30 bytes for all that read it: 16 in the file is 16 Gio on the analyst's page."""

import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from infra.box import preflight
from infra.components import openchronic, projects, storage
from infra.settings import layout
from infra.settings.grants import site_grants
from infra.settings.site_file import load_site
from openchronic.runtime.database import bytes_of
from tests.infra.components.openchronic.fake_docker import Server

GIB = 2**30


def test_a_build_gets_the_memory_that_its_site_says(tmp_path: Path) -> None:
    site = load_site("box")
    build_means = site.bases["demo"].build.model_copy(update={"memory_gb": 1.5})
    base = site.bases["demo"].model_copy(update={"build": build_means})
    server = Server(tmp_path, site.model_copy(update={"bases": {"demo": base}}))
    assert server.run("demo", "build").returncode == 0
    asked = server.calls.split()
    container, build = [asked[at + 1] for at, word in enumerate(asked) if word == "--memory"]
    assert bytes_of(build) == 1.5 * GIB
    # Docker's m is 2^20 bytes. The container gets a quarter more, for memory that DuckDB does not count.
    assert container == f"{1.5 * 1024 * 5 / 4:.0f}m"
    assert openchronic.settings("demo", base, site.storage, typed=False).count("1536") == 1


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the commands that the operations of storage would run."""
    asked: list[str] = []

    def ensure(*, name: str, condition: str, command: str) -> None:
        asked.append(command)

    def nothing(**_: Any) -> None:
        pass

    monkeypatch.setattr(storage, "tree", nothing)
    monkeypatch.setattr(storage, "unit", nothing)
    monkeypatch.setattr(storage, "ensure", ensure)
    return asked


def test_homes_get_the_disk_that_their_site_says(commands: list[str]) -> None:
    storage._homes_on_a_loop_file(layout.HOMES, gigabytes=4)
    assert f"truncate -s {4 * GIB} " in commands[0]


def test_homes_and_shared_folders_get_the_quota_that_their_site_says() -> None:
    site = load_site("box")
    grant = next(grant for grant in site_grants(site) if grant.slug == "variations")
    home = projects.home("demo", grant, site.storage)
    assert f"btrfs qgroup limit {GIB // 2} " in home.command()
    assert f"$4 == {GIB // 2} " in home.condition()
    assert f"btrfs qgroup limit {GIB // 4} " in projects.shared_folder(grant).command()


def test_a_machine_is_measured_by_what_a_box_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(20 * GIB))
    assert preflight.free_disk_gb(tmp_path) == 20
    limits = {"/proc/meminfo": f"MemAvailable: {6 * 2**20} kB"}
    limited = {"/sys/fs/cgroup/memory.max": str(5 * GIB)}
    monkeypatch.setattr(Path, "read_text", lambda path: limits.get(str(path), "max"))
    assert preflight.available_memory_gb() == 6
    limits |= limited
    assert preflight.available_memory_gb() == 5
