"""Deliveries shared by the tests of the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openchronic.front_door import built, openchronic
from tests.openchronic.small_delivery import plain, write


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """The plain small delivery, to be changed at will."""
    return write(tmp_path / "delivery", plain())


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """An empty place for releases."""
    return tmp_path / "releases"


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 made-up patients over three years, with every trap; read only."""
    folder = tmp_path_factory.mktemp("synthetic") / "delivery"
    answer = openchronic("synth", folder, "--patients", 300, "--seed", 7)
    assert answer.status == 0, answer.text
    return folder


@pytest.fixture(scope="session")
def synthetic_releases(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of a base built of them; nothing is built there again."""
    releases = tmp_path_factory.mktemp("built") / "releases"
    built(synthetic, releases)
    return releases
