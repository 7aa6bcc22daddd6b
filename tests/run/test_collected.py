"""pytest collects every folder of tests; it ignores some folders by their names, such as `build`."""

from __future__ import annotations

from fnmatch import fnmatch

import pytest

from infra.settings.settings_file import ROOT
from tests.conftest import LONGEST, STORY


def test_no_folder_of_tests_is_passed_over(pytestconfig: pytest.Config) -> None:
    passed_over = pytestconfig.getini("norecursedirs")
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(folders) > 20
    hidden = [
        str(folder.relative_to(ROOT))
        for folder in folders
        for part in folder.relative_to(ROOT).parts
        if any(fnmatch(part, pattern) for pattern in passed_over)
    ]
    assert not hidden


def test_each_file_that_has_a_place_in_the_order_is_there() -> None:
    names = {path.stem for path in (ROOT / "tests").rglob("*")}
    assert set(LONGEST) | set(STORY) <= names
