"""Deliveries that the tests of the package share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.openchronic.front_door import IN_TWO, built, openchronic
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import plain, write


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """The plain small delivery, which may be changed."""
    return write(tmp_path / "delivery", plain())


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """An empty folder for releases."""
    return tmp_path / "releases"


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 synthetic patients over two years, with the traps that so few can have; read only.

    Among such small deliveries, this seed leaves no table empty.
    """

    def make(folder: Path) -> None:
        # Some tests read its files without the package.
        size = ("--patients", 100, "--seed", 8, "--first-year", 2017, "--years", 2, "--tidy")
        answer = openchronic("synth", folder / "delivery", *size)
        assert answer.status == 0, answer.text

    return made_once(tmp_path_factory, "synthetic", make) / "delivery"


@pytest.fixture(scope="session")
def synthetic_releases(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of a base built from these patients; nothing is built there again."""
    return made_once(
        tmp_path_factory, "synthetic-releases", lambda folder: built(synthetic, folder, *IN_TWO)
    )


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,600 synthetic patients over 2016 to 2018: enough for nearly every trap; read only."""
    return _many(tmp_path_factory, "portal")


@pytest.fixture(scope="session")
def many_releases(many: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of a base built from these patients; read only."""
    return made_once(tmp_path_factory, "many-releases", lambda folder: built(many, folder, *IN_TWO))


@pytest.fixture(scope="session")
def many_simplified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same patients in the simplified product; read only."""
    return _many(tmp_path_factory, "dcirs")


@pytest.fixture(scope="session")
def many_simplified_releases(
    many_simplified: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The releases of a base built from that product; read only."""
    return made_once(
        tmp_path_factory,
        "many-simplified-releases",
        lambda folder: built(many_simplified, folder, *IN_TWO),
    )


def _many(factory: pytest.TempPathFactory, layout: str) -> Path:
    def make(folder: Path) -> None:
        # Some tests read its files without the package.
        size = ("--patients", 1600, "--seed", 16, "--first-year", 2016, "--years", 3, "--tidy")
        answer = openchronic("synth", folder / "delivery", *size, "--layout", layout)
        assert answer.status == 0, answer.text

    return made_once(factory, f"many-{layout}", make) / "delivery"


@pytest.fixture(scope="session")
def plain_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of a base built from the plain small delivery; read only: see ``plain_base``."""

    def make(folder: Path) -> None:
        built(write(folder / "delivery", plain()), folder / "releases")

    return made_once(tmp_path_factory, "plain", make) / "releases"


@pytest.fixture
def plain_base(plain_releases: Path, releases: Path) -> Path:
    """The release in service that building ``delivery`` in ``releases`` would leave. It may be changed."""
    shutil.copytree(plain_releases, releases, symlinks=True)
    return (releases / "snds" / "current").resolve()
