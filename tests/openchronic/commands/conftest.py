"""The good release that the tests of `openchronic check` start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openchronic.commands.faulty_releases import with_previous
from tests.openchronic.front_door import built, openchronic


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of 1,000 made-up patients over 2016 to 2018, with one before it; read only."""
    folder = tmp_path_factory.mktemp("good")
    options = ("--patients", 1000, "--seed", 11, "--first-year", 2016, "--years", 3)
    answer = openchronic("synth", folder / "delivery", *options)
    assert answer.status == 0, answer.text
    release = built(folder / "delivery", folder / "built")
    return with_previous(release, folder / "releases")
