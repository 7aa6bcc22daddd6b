"""Which commits an upgrade is tested between: refused with a reason, before any box boots."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.settings.settings_file import ROOT
from tests.upgrade.commits import git, snapshot


def refused(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.upgrade", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "──" not in done.stdout, "a step began"
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git("init", "--quiet", at=tmp_path)
    (tmp_path / ".gitignore").write_text("ignored\n")
    (tmp_path / "kept").write_text("as committed\n")
    git("add", "--all", at=tmp_path)
    author = ["-c", "user.name=a", "-c", "user.email=a@invalid"]
    git(*author, "commit", "--quiet", "--message=first", at=tmp_path)
    return tmp_path


def test_an_unknown_commit_is_refused() -> None:
    assert "there is no commit no-such-commit in this checkout" in refused("--from=no-such-commit")


def test_an_upgrade_to_the_same_files_is_refused() -> None:
    assert "there is nothing to upgrade" in refused("--from=HEAD", "--to=HEAD")


def test_a_commit_that_cannot_boot_a_box_is_refused_with_what_it_lacks() -> None:
    empty = git("hash-object", "-t", "tree", "-w", "/dev/null")
    author = ["-c", "user.name=a", "-c", "user.email=a@invalid"]
    commit = git(*author, "commit-tree", "-m", "nothing", empty)
    said = refused(f"--from={commit}", "--to=HEAD")
    assert "infra/bootstrap" in said
    assert "infra/box/__main__.py" in said


def test_the_working_tree_is_taken_as_it_is_and_left_as_it_is(repository: Path) -> None:
    (repository / "kept").write_text("changed\n")
    (repository / "new").write_text("new\n")
    (repository / "ignored").write_text("ignored\n")
    before = git("status", "--porcelain", at=repository), git("rev-parse", "HEAD", at=repository)
    taken = snapshot(repository, "The working tree")
    names = git("ls-tree", "--name-only", taken, at=repository).split()
    assert names == [".gitignore", "kept", "new"]
    assert git("show", f"{taken}:kept", at=repository) == "changed"
    after = git("status", "--porcelain", at=repository), git("rev-parse", "HEAD", at=repository)
    assert after == before
