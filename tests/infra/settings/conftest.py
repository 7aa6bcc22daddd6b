"""A site with the fewest settings, and a function that reads it from a text after a change."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.settings.settings_from_machine import MachinePackages
from infra.settings.site import Site
from infra.settings.site_file import load_site

MINIMAL = """
title = "Essai"
accounts = "infra/sites/box.accounts.toml"
projects = "tests/infra/settings/no.projects.toml"
[server]
address = "bigdata.example"
ssh.user = "durand"
[tls]
authority = "own"
[bases.cohorte]
export_folders = []
[profiles.petite]
title = "Petite"
memory_gb = 2
cpus = 1
[access]
operators = ["durand"]
"""
MIRRORS = MachinePackages(debian="http://m.example/d", debian_security="http://m.example/s")
Read = Callable[..., Site]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Give a function that reads a site from a text after replacing a part of it."""

    def read(text: str = MINIMAL, *, old: str = "", new: str = "") -> Site:
        assert old in text
        (tmp_path / "essai.toml").write_text(text.replace(old, new, 1) if old else text + new)
        return load_site("essai", folder=tmp_path)

    return read
