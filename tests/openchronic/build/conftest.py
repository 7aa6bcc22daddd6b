"""Fixtures that the tests of the store share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openchronic.build.watched_base import Base


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """An empty base."""
    return Base(tmp_path)
