"""Finds the tests that a change can affect, by what they import and by what they name.

A file of tests rests on itself, on the conftest files above it, on every module of ours that these import, on
the commands of openchronic that they name, and on the files of the project that they name. A file that is no
module belongs to the modules beside it, or above it. What rests on nothing of the change cannot break by it.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath

from infra.settings.image_graph import GRAPH
from infra.settings.settings_file import ROOT

SOURCES = ("", "openchronic_env/src", "jupyterhub-conf")
COMMANDS = "openchronic_env/src/openchronic/commands"
# A change of these files affects every test.
EVERYTHING = (
    *("pyproject.toml", "infra/requirements.txt", "infra/bootstrap", ".ci/run", "Makefile"),
    *("tests/conftest.py", "tests/__main__.py", "tests/run/", "tests/pace.py"),
)
# Documents: they affect only tests that name them.
PROSE = (".md", ".png")
# The files of a server: its tests depend on each other and run all together.
SERVER = (
    *("infra/", "images/", "jupyterhub-conf/", "spark-conf/", "onboarding/"),
    *("tests/server/", "tests/smoke/"),
)
IMAGES = (
    *("images/", "infra/components/images/", "infra/settings/image_graph.py", "tests/images/"),
    # No test site has the images of a cluster's services.
    *(
        f"{source}/"
        for image in GRAPH.images.values()
        if image.sessions or image.made == "always"
        for source in image.sources
    ),
)
# The package, and the tests on a server that use it.
PACKAGE = "openchronic_env/"
ON_A_SERVER = ("tests/server/test_openchronic.py", "tests/server/test_source_access.py")


def changed_files(checkout: Path = ROOT) -> list[str]:
    """Return the files that differ from the merge base with ``main``: committed, uncommitted and untracked.

    On ``main`` itself, the base is what was last pulled.
    """
    bases = (_git(checkout, "merge-base", name, "HEAD") for name in ("origin/main", "main"))
    base = next(filter(None, bases), "HEAD")
    names = [
        *_git(checkout, "diff", "--name-only", "--no-renames", base).splitlines(),
        *_git(checkout, "ls-files", "--others", "--exclude-standard").splitlines(),
    ]
    return sorted(set(names))


def touched_units(changed: Iterable[str]) -> list[str]:
    """Return the files of unit tests that a change can affect, sorted."""
    changed = [name for name in changed if not name.startswith(("tests/bench/reference",))]
    every = sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if not str(path.relative_to(ROOT)).startswith(("tests/server/", "tests/images/"))
        and path.parent != ROOT / "tests/smoke"
    )
    if any(name.startswith(EVERYTHING) for name in changed):
        return every
    hit = {one for name in changed for one in _owners(name)}
    return [test for test in every if _rests_on(test) & hit or _names(test, changed)]


def touched_server(changed: Iterable[str]) -> list[str]:
    """Return the folders and files of tests on a box that a change can affect."""
    found: list[str] = []
    # A document is no part of a server, unless it lies in a folder of SERVER.
    changed = list(changed)
    if any(name.startswith((*IMAGES, *EVERYTHING)) for name in changed):
        found.append("tests/images")
    if any(name.startswith((*SERVER, *EVERYTHING)) for name in changed):
        found.append("tests/server")
    elif any(name.startswith(PACKAGE) for name in changed):
        found += ON_A_SERVER
    return found


def _owners(name: str) -> set[str]:
    """Return the modules that a file belongs to: itself, or the nearest modules to a file that is no module."""
    if name.endswith(".py"):
        return {name}
    if name.endswith(PROSE):
        return set()
    for folder in PurePosixPath(name).parents:
        if str(folder) == ".":
            break
        modules = [str(path.relative_to(ROOT)) for path in (ROOT / folder).glob("*.py")]
        if modules:
            return set(modules)
    return set()


def _names(test: str, changed: Iterable[str]) -> bool:
    """Whether a test, or a module of tests that it imports, names one of these files or its folder."""
    words = {word for file in _rests_on(test) if file.startswith("tests/") for word in _words(file)}
    # A top-level folder does not count: many tests contain the words `infra` and `tests`.
    return any(
        part in words
        for name in changed
        for part in (name, PurePosixPath(name).name, *map(str, PurePosixPath(name).parents))
        if part == name or "." in part[1:] or "/" in part
    )


@cache
def _rests_on(file: str) -> frozenset[str]:
    """Return a file and all the project's modules that it imports, directly or not."""
    found: set[str] = set()
    waiting = [file, *_conftests(file)]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _imports(one)
    return frozenset(found)


def _conftests(file: str) -> list[str]:
    return [
        str(folder / "conftest.py")
        for folder in PurePosixPath(file).parents
        if str(folder) not in (".", "tests") and (ROOT / folder / "conftest.py").exists()
    ]


@cache
def _imports(file: str) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(_parsed(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.update(_files_of(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update(_files_of(node.module))
            for alias in node.names:
                found.update(_files_of(f"{node.module}.{alias.name}"))
    if file.startswith("tests/"):
        # `openchronic("check", …)` runs that command's module in another process.
        verbs = {f"{COMMANDS}/{word}.py" for word in _words(file)}
        found.update(verb for verb in verbs if (ROOT / verb).exists())
    return frozenset(found)


def _files_of(module: str) -> Iterator[str]:
    """Yield the files that importing a module runs: its own, and the `__init__.py` of its packages."""
    parts = module.split(".")
    for source in SOURCES:
        folder = ROOT / source
        if not (folder / parts[0]).exists() and not (folder / f"{parts[0]}.py").exists():
            continue
        for depth in range(1, len(parts) + 1):
            path = folder.joinpath(*parts[:depth])
            for candidate in (path.with_suffix(".py"), path / "__init__.py"):
                if candidate.is_file():
                    yield str(candidate.relative_to(ROOT))


@cache
def _words(file: str) -> frozenset[str]:
    """Return the strings of a module that may be the name of a file or of a command."""
    return frozenset(
        node.value.strip("/")
        for node in ast.walk(_parsed(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200
    )


@cache
def _parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def _git(checkout: Path, *words: str) -> str:
    """Return git's output; empty when it fails."""
    done = subprocess.run(
        ["git", *words], cwd=checkout, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""
