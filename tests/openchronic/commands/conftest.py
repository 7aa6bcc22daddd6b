"""The valid release that the tests of `openchronic check` start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openchronic.commands.faulty_releases import with_previous
from tests.openchronic.made_once import made_once


@pytest.fixture(scope="session")
def good(many_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of 1,600 synthetic patients over 2016 to 2018, with an earlier one; read only."""
    release = (many_releases / "snds" / "current").resolve()
    made = made_once(tmp_path_factory, "good", lambda folder: with_previous(release, folder))
    return made / "snds" / release.name
