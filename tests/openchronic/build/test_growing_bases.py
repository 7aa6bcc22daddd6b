"""A build that takes over parts of the one before makes the release that a build from nothing makes."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from openchronic.quality.catalogue import load_checks
from tests.openchronic.build.growing_base import Growing
from tests.openchronic.build.test_resuming import KILL
from tests.openchronic.front_door import Answer, build, one_year

# What tells of the moment, of the release before, or of what was read again, and not of the content.
OF_THE_MOMENT = ("id", "created", "changes", "quality", "files")
STEPS = 3
# The parts after whose work a build of a step is killed, before its checkpoint or after, and then goes on.
KILLED_AT = (("claims", False), ("events-000", True), ("events-001", False), ("persons", True))
SEEDS = (1, 2, 3, 4, 5, 6)


def everything_accepted() -> list[str]:
    """A delivery that loses files is compared too."""
    stops = [one for one in load_checks() if one.stop is not None and one.kind != "integrity"]
    return [word for one in stops for word in ("--accept", one.name)]


def told(releases: Path) -> dict[str, Any]:
    manifest = json.loads((releases / "snds" / "current" / "manifest.json").read_text())
    # A base whose parts are kept has a file for each year of a bucket.
    for table in manifest["tables"].values():
        del table["files"]
    return {name: value for name, value in manifest.items() if name not in OF_THE_MOMENT}


def from_nothing(growing: Growing, releases: Path, like: Path) -> dict[str, Any]:
    """Returns what a build without any earlier part tells, with the files that ``like`` has read."""
    shutil.copytree(like / "snds" / ".store", releases / "snds" / ".store")
    (releases / "snds" / ".store").chmod(0o700)
    built(growing, releases, keeps=False)
    assert not (releases / "snds" / ".work").exists()
    return told(releases)


def built(growing: Growing, releases: Path, *options: object, keeps: bool = True) -> Answer:
    kept = ["--keep-parts"] if keeps else []
    answer = build(
        growing.folder, releases, *growing.options, *everything_accepted(), *kept, *options
    )
    assert answer.status == 0, answer.text
    return answer


def begun(growing: Growing, releases: Path, before: str) -> None:
    """Begins a build that is killed, unless nothing is left to do at that moment."""
    options = [*growing.options, *everything_accepted(), "--keep-parts"]
    answer = build(growing.folder, releases, *options, before=before)
    assert answer.status in (0, -signal.SIGKILL), answer.text


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("another key of this site, of 32 signs and more")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_each_release_of_a_base_that_grows_is_that_of_a_build_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, key: Path, seed: int
) -> None:
    growing = Growing(one_year(tmp_path_factory), tmp_path / "delivery", key, seed)
    releases = tmp_path / "releases"
    built(growing, releases)
    steps = []
    for step in range(STEPS):
        steps.append(growing.change())
        if growing.random.random() < 0.5:
            part, midway = growing.random.choice(KILLED_AT)
            steps.append(f"killed at {part}")
            begun(growing, releases, before=KILL.format(part=part, midway=midway))
        built(growing, releases)
        whole = from_nothing(growing, tmp_path / f"whole-{step}", like=releases)
        found = told(releases)
        assert found["content_sha256"] == whole["content_sha256"], steps
        # Where the rows are those of the release in service, that one stays, and tells of its own files and settings.
        if found["recipe_sha256"] == whole["recipe_sha256"]:
            assert found == whole, steps
