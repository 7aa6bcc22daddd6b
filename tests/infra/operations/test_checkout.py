"""What is deployed to a real server is in a commit, or is recorded as uncommitted."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.operations import checkout
from infra.operations.checkout import Checkout, CheckoutRefused, files, judge, look
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.infra.operate.ssh_server import closed_port
from tests.infra.operate.test_reaching import SITE
from tests.pace import patience

DEPLOY = ("pyinfra", "infra/inventory.py", "infra/deploy.py", "-y")
PLAN = (*DEPLOY[:-1], "--dry", "--diff")


def git(*words: str, at: Path) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@exemple.invalid")
    subprocess.run(["git", *identity, *words], cwd=at, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a repository with one commit and no changes."""
    folder = tmp_path / "repository"
    (folder / "part").mkdir(parents=True)
    (folder / ".gitignore").write_text("# caches\n__pycache__/\n/build/\n*.junit.xml\n")
    (folder / "part/file.py").write_text("1\n")
    git("init", "--quiet", at=folder)
    git("add", "--all", at=folder)
    git("commit", "--quiet", "--message=one", at=folder)
    return folder


def test_a_commit_is_told_by_its_name(repository: Path) -> None:
    found = look(repository)
    assert len(found.commit) == 12
    assert (found.dirty, found.changes, found.name) == (False, (), found.commit)


def test_a_change_a_new_file_and_one_that_is_gone_make_it_dirty(repository: Path) -> None:
    (repository / "part/é b.py").touch()
    (repository / "build").mkdir()
    (repository / "build/ignored").touch()
    (repository / "part/file.py").write_text("2\n")
    (repository / ".gitignore").unlink()
    git("checkout", "--", ".gitignore", at=repository)
    found = look(repository)
    assert found.changes == (" M part/file.py", "?? part/é b.py")
    assert found.dirty
    assert found.name == f"{found.commit}+"
    (repository / "part/file.py").unlink()
    assert " D part/file.py" in look(repository).changes


def test_an_archive_is_of_an_unknown_commit_also_inside_another_repository(
    repository: Path,
) -> None:
    archive = repository / "unpacked"
    archive.mkdir()
    assert look(archive) == Checkout("unknown")
    assert look(archive).dirty is None


def test_a_git_that_cannot_answer_is_no_archive(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert look(repository).trouble == "git is not installed"
    monkeypatch.undo()
    (repository / ".git/HEAD").write_text("x")
    assert look(repository).trouble.startswith("git says: fatal: ")


def test_an_archive_deploys_the_same_files_as_its_commit(repository: Path) -> None:
    (repository / "part/__pycache__").mkdir()
    (repository / "part/__pycache__/file.pyc").touch()
    (repository / "part/last.junit.xml").touch()
    wanted = [repository / "part/file.py"]
    assert files("part", repository) == wanted
    shutil.rmtree(repository / ".git")
    assert files("part", repository) == wanted


@pytest.fixture
def real() -> Site:
    return load_site("box").model_copy(update={"box": None, "name": "mysite"})


def holds(monkeypatch: pytest.MonkeyPatch, found: Checkout) -> None:
    monkeypatch.setattr(checkout, "look", lambda: found)


def test_a_dirty_checkout_is_refused_with_its_files_and_what_to_type(
    real: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds(monkeypatch, Checkout("abc", changes=(" M infra/settings/site.py", "?? new")))
    for environment in ({}, {"DIRTY": ""}, {"DIRTY": "0"}):
        with pytest.raises(CheckoutRefused) as refused:
            judge(real, DEPLOY, environment)
        for part in (" M infra/settings/site.py\n", "?? new\n", "make deploy SITE=mysite DIRTY=1"):
            assert part in str(refused.value)
    judge(real, DEPLOY, {"DIRTY": "1"})
    judge(load_site("box"), DEPLOY, {})
    judge(real, ("pyinfra", "infra/inventory.py", "fact", "server.Os"), {})


def test_of_many_files_the_first_are_named(real: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(monkeypatch, Checkout("abc", changes=tuple(f"?? {number}" for number in range(500))))
    with pytest.raises(CheckoutRefused, match="and 490 more") as refused:
        judge(real, DEPLOY, {})
    assert str(refused.value).count("\n") < 20


def test_what_git_does_not_tell_is_refused_too(real: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    holds(monkeypatch, Checkout("unknown", trouble="git says: fatal: detected dubious ownership"))
    with pytest.raises(CheckoutRefused, match=r"dubious ownership\n.*DIRTY=1"):
        judge(real, DEPLOY, {})
    judge(real, DEPLOY, {"DIRTY": "1"})


def test_a_plan_warns(
    real: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    holds(monkeypatch, Checkout("abc", changes=("?? new",)))
    judge(real, PLAN, {})
    told = capsys.readouterr()
    assert told.out == "", "what --json prints stays JSON"
    assert "?? new\n`make deploy` will refuse it." in told.err


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of this project in a repository, all committed, with a real site whose server does not answer."""
    folder = tmp_path / "copy"
    projects = ROOT / "tests/infra/settings/no.projects.toml"
    for path in (*files("infra"), *files("images"), *files("onboarding"), projects):
        place = folder / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    shutil.copy(ROOT / ".gitignore", folder)
    for name in ("key", "known_hosts"):
        (tmp_path / name).touch(mode=0o600)
    (folder / "infra/sites/mysite.toml").write_text(
        SITE.format(
            address="127.0.0.1",
            port=closed_port(),
            key=tmp_path / "key",
            known_hosts=tmp_path / "known_hosts",
            bastion="",
        )
    )
    git("init", "--quiet", at=folder)
    git("add", "--all", at=folder)
    git("commit", "--quiet", "--message=one", at=folder)
    return folder


def test_by_the_command_that_operators_type(copy: Path) -> None:
    def deploy(*, dirty: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", *DEPLOY],
            cwd=copy,
            env={**os.environ, "SITE": "mysite", "DIRTY": dirty, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=patience(120),
            check=False,
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        return done.stderr

    connects = "nothing listens on port"
    clean = deploy()
    assert connects in clean
    assert "commit" not in clean
    (copy / "infra/new.py").touch()
    assert "?? infra/new.py" in (refused := deploy())
    assert connects not in refused
    assert connects in deploy(dirty="1")
    shutil.rmtree(copy / ".git")
    archive = deploy()
    assert "this checkout is no git repository" in archive
    assert connects in archive
