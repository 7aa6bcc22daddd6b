"""The commits of an upgrade, checked out one after the other in one folder: same folder, same box."""

import fcntl
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.infra.components.jupyterhub.hubs import OLDER

FOLDER = ROOT / "build" / "upgrade" / "checkout"
# What a commit must have for a box to be booted, deployed to and proven by it.
NEEDED = (
    "infra/bootstrap",
    "infra/deploy.py",
    "infra/inventory.py",
    "infra/box/__main__.py",
    "tests/smoke/__main__.py",
)
# Wherever in infra/ a commit keeps its hub: the lock, and from there the script for its database.
HUB_LOCK = "jupyterhub/requirements.txt"
MIGRATION = "files/migrate_database.py"

# What our configuration asks of JupyterHub 6, for one that has it not.
SINCE_6 = "from jupyterhub.spawner import SpawnException\n"
BEFORE_6 = """from tornado.web import HTTPError


class SpawnException(HTTPError):
    def __init__(
        self, message: str, *, reason: str, status_code: int = 500, log_message: str = ""
    ) -> None:
        super().__init__(status_code, log_message or message)
        self.jupyterhub_message = message


"""


class NotPossible(Exception):
    """Why these two commits cannot be tested, and what to do."""


@dataclass(frozen=True)
class Commit:
    """A whole tree to deploy: a real commit, or one made of it for this test, on no branch."""

    name: str
    """As the operator asked for it."""
    hash: str

    def __str__(self) -> str:
        subject = git("show", "--no-patch", "--format=%s", self.hash)
        return f"{self.name} ({self.hash[:12]}, « {subject} »)"

    def has(self, path: str) -> bool:
        return _git("cat-file", "-e", f"{self.hash}:{path}").returncode == 0

    @property
    def hub(self) -> str:
        """The version of JupyterHub that it installs."""
        lock = git("show", f"{self.hash}:{self.hub_folder}/requirements.txt")
        found = re.search(r"^jupyterhub==(\S+)", lock, re.M)
        return found[1] if found else "none"

    @property
    def hub_folder(self) -> str:
        files = git("ls-tree", "-r", "--name-only", self.hash, "--", "infra/").splitlines()
        found = [name for name in files if name.endswith(f"/{HUB_LOCK}")]
        if not found:
            raise NotPossible(f"{self} has no {HUB_LOCK} in infra/: it installs no JupyterHub")
        return found[0].removesuffix("/requirements.txt")

    @property
    def keeps_schemas(self) -> bool:
        """Does its hub's database go through a script that can put a copy back?"""
        return self.has(f"{self.hub_folder}/{MIGRATION}")


def chosen(
    wanted_from: str | None, wanted_to: str | None, *, other_hub: bool
) -> tuple[Commit, Commit]:
    """By default the working tree after the commit before it. `other_hub`: they will differ by their JupyterHub."""
    changed = bool(git("status", "--porcelain"))
    if wanted_to or not changed:
        after = _real(wanted_to or "HEAD")
        before = _real(wanted_from or f"{after.name}~1")
    else:
        after = _working_tree()
        before = _real(wanted_from or "HEAD")
    trees = [git("rev-parse", f"{commit.hash}^{{tree}}") for commit in (before, after)]
    if trees[0] == trees[1] and not other_hub:
        raise NotPossible(f"{before} and {after} hold the same files: there is nothing to upgrade")
    for commit in (before, after):
        if missing := [path for path in NEEDED if not commit.has(path)]:
            raise NotPossible(
                f"{commit} cannot boot, deploy to and prove a box by itself: it has no {', '.join(missing)}"
            )
    return before, after


def refuse_a_way_without_return(before: Commit, after: Commit) -> None:
    """A commit from before the hub's database went through a script finds no way back from a newer schema."""
    if before.hub.split(".")[0] != after.hub.split(".")[0] and not before.keeps_schemas:
        raise NotPossible(
            f"{after} brings JupyterHub {after.hub}, whose database {before} (JupyterHub {before.hub}) cannot "
            f"read, and {before} has no {MIGRATION} to put its copy back. Choose a FROM that has it."
        )


@contextmanager
def checkout() -> Iterator[Path]:
    """The folder, at no commit yet; gone afterwards."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotPossible("another upgrade test runs from this checkout") from None
        remove()
        git("worktree", "add", "--quiet", "--detach", "--no-checkout", str(FOLDER))
        try:
            yield FOLDER
        finally:
            remove()


def remove() -> None:
    _git("worktree", "remove", "--force", str(FOLDER))
    subprocess.run(["rm", "-rf", "--one-file-system", str(FOLDER)], check=True)
    _git("worktree", "prune")


def switch(commit: Commit) -> None:
    git("checkout", "--quiet", "--force", "--detach", commit.hash, at=FOLDER)
    git("clean", "--quiet", "-d", "--force", at=FOLDER)


def with_older_hub(commit: Commit) -> Commit:
    """The same, but for a JupyterHub whose database has an older schema."""
    if not commit.keeps_schemas:
        raise NotPossible(f"{commit} has no {MIGRATION}: it cannot return across a schema")
    switch(commit)
    asked, lock = (FOLDER / commit.hub_folder / f"requirements.{kind}" for kind in ("in", "txt"))
    text = asked.read_text()
    older = re.sub(r"^jupyterhub==.*$", f"jupyterhub=={OLDER}", text, flags=re.M)
    if older == text:
        raise NotPossible(f"{asked.name} of {commit} asks for JupyterHub in a way unknown here")
    asked.write_text(older)
    for module in sorted((FOLDER / "jupyterhub-conf").glob("*.py")):
        module.write_text(module.read_text().replace(SINCE_6, BEFORE_6))
    settings = 'eval "$(.venv/bin/python -m infra.settings.pip_settings)"'
    compiled = subprocess.run(
        [
            "bash",
            "-c",
            f"{settings} && .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate "
            f"--no-emit-index-url --no-emit-find-links --python-version 3.13 --output-file {lock} {asked}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if compiled.returncode != 0:
        raise NotPossible(f"JupyterHub {OLDER} cannot be locked: {compiled.stderr[-800:]}")
    return Commit(f"{commit.name} with JupyterHub {OLDER}", snapshot(FOLDER, f"JupyterHub {OLDER}"))


def _working_tree() -> Commit:
    return Commit("the working tree", snapshot(ROOT, "The working tree"))


def snapshot(folder: Path, subject: str) -> str:
    """A commit of all that git does not ignore there; neither the index nor a branch knows of it."""
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        git("read-tree", "HEAD", at=folder, environment=index)
        git("add", "--all", at=folder, environment=index)
        tree = git("write-tree", at=folder, environment=index)
    author = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "upgrade test"), ("EMAIL", "upgrade@invalid"))
    }
    return git(*("commit-tree", "-p", "HEAD", "-m", subject, tree), at=folder, environment=author)


def _real(name: str) -> Commit:
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found.returncode != 0:
        raise NotPossible(
            f"there is no commit {name} in this checkout (`git log --oneline` lists them; a shallow clone "
            "lacks the older ones: `git fetch --unshallow`)"
        )
    return Commit(name, found.stdout.strip())


def git(*arguments: str, at: Path = ROOT, environment: dict[str, str] | None = None) -> str:
    done = _git(*arguments, at=at, environment=environment)
    if done.returncode != 0:
        raise NotPossible(f"git {' '.join(arguments[:3])}: {done.stderr.strip()}")
    return done.stdout.strip()


def _git(
    *arguments: str, at: Path = ROOT, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=at,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
