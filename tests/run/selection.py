"""Selects the tests of a run: all, those of a file, folder or word, or those that a change can affect."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.run.touched import changed_files, touched_server, touched_units

ON_A_BOX = ("tests/images", "tests/server")
UNITS = ("tests", *(f"--ignore={folder}" for folder in ON_A_BOX))
NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Selection:
    """Arguments of pytest for unit tests and for tests on a server. ``None``: no such tests were selected."""

    units: tuple[str, ...] | None
    server: tuple[str, ...] | None
    partial: str
    """Why the run is partial; empty for a whole run."""


class NothingSelected(Exception):
    """No test matches the selection."""


def select(*, only: str, changed: bool) -> Selection:
    """Return all tests, or those of ``only`` (a file, a folder, a word for pytest's -k), or those of a change.

    Raises NothingSelected.
    """
    if changed:
        return _of_a_change()
    if not only:
        return Selection(UNITS, ON_A_BOX, "")
    partial = f"ONLY={only}"
    path = only.partition("::")[0].rstrip("/")
    if (ROOT / path).exists() and path:
        return _of_a_path(only.rstrip("/"), Path(path), partial)
    units, server = (*UNITS, "-k", only), (*ON_A_BOX, "-k", only)
    found = Selection(
        units if _collects(units) else None,
        server if _collects((*server, "--box")) else None,
        partial,
    )
    if found.units is None and found.server is None:
        raise NothingSelected(f"no test has « {only} » in its name, and no such file is here")
    return found


def _of_a_path(only: str, path: Path, partial: str) -> Selection:
    if any(path.is_relative_to(folder) for folder in ON_A_BOX):
        return Selection(None, (only,), partial)
    units = UNITS if path == Path("tests") else (only,)
    if not _collects(units):
        raise NothingSelected(f"{only} holds no test that runs without a site")
    return Selection(units, ON_A_BOX if path == Path("tests") else None, partial)


def _of_a_change() -> Selection:
    files = changed_files()
    if not files:
        raise NothingSelected("nothing differs from main")
    units, server = touched_units(files), touched_server(files)
    if not units and not server:
        raise NothingSelected(f"no test can be touched by: {', '.join(files)}")
    return Selection(
        tuple(units) or None,
        tuple(server) or None,
        f"CHANGED: {len(files)} files differ from main, "
        f"{len(units)} files of unit tests and {', '.join(server) or 'nothing on a box'} can be touched",
    )


def _collects(arguments: tuple[str, ...]) -> bool:
    """Whether pytest finds a test. A collection error counts as found: the run will show it."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    return done.returncode != NOTHING_COLLECTED
