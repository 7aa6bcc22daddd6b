"""Starts a run: checks that it fits into the session's life, and hands it to a supervisor of its own."""

from __future__ import annotations

import datetime
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from openchronic.errors import RefusedError, SettingsError
from openchronic.runs import record
from openchronic.runs.record import Run

# The hub sets it: when the session is stopped at the latest, computing or not.
SESSION_ENDS = "OPENCHRONIC_SESSION_ENDS"
USUAL_HOURS = 12.0
# A run ends this long before the session, so that its outcome is written.
MARGIN = datetime.timedelta(minutes=5)
STARTS_WITHIN_S = 20.0
# As it began, beside the original, which is never written to.
EXECUTED = ".executed.ipynb"


def launch(file: Path, *, hours: float | None) -> Run:
    """Starts a run of a notebook or a script, which goes on by itself.

    Raises SettingsError for a wrong call, and RefusedError if it would outlive the session.
    """
    file = file.absolute()
    command(file)
    if not file.is_file():
        raise SettingsError(f"no such file: {file}")
    if hours is not None and not 0 < hours < 24 * 366:
        raise SettingsError("--hours: a number of hours above 0")
    run = record.new(file, hours=_fitting(hours))
    with Path(os.devnull).open("r+b") as nothing:
        subprocess.Popen(
            [sys.executable, "-m", "openchronic.runs.supervise", run.id],
            cwd=file.parent,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            # Neither the end of the terminal nor that of the notebook's kernel reaches it.
            start_new_session=True,
        )
    return _begun(run)


def command(file: Path) -> list[str]:
    """Returns what runs a file, by its ending. Raises SettingsError and RefusedError."""
    if file.suffix == ".py":
        return [sys.executable, "-u", str(file)]
    if file.suffix == ".ipynb":
        if importlib.util.find_spec("nbclient") is None:
            raise RefusedError(
                "notebooks need nbclient, which is in the images of sessions",
                "Les carnets demandent nbclient, qui est dans les images des sessions.",
            )
        executed = file.with_name(f"{file.stem}{EXECUTED}")
        return [sys.executable, "-m", "openchronic.runs.notebook", str(file), str(executed)]
    if file.suffix in (".R", ".r"):
        program = shutil.which("Rscript")
        if program is None:
            raise RefusedError(
                "there is no R in this session: open one of another profile",
                "R n’est pas dans cette session\u00a0: ouvrez-en une d’un autre profil.",
            )
        return [program, str(file)]
    raise SettingsError(f"a notebook (.ipynb) or a script (.py, .R): {file.name}")


def _fitting(hours: float | None) -> float:
    """Returns how long the run may take. Raises RefusedError if that is longer than the session lasts."""
    ends = os.environ.get(SESSION_ENDS)
    if not ends:
        return hours or USUAL_HOURS
    left_for_it = datetime.datetime.fromisoformat(ends) - record.now() - MARGIN
    left = left_for_it.total_seconds() / 3600
    wanted = hours if hours is not None else min(USUAL_HOURS, left)
    if wanted > left or wanted <= 0:
        until = datetime.datetime.fromisoformat(ends).astimezone()
        possible = max(0.0, int(left * 10) / 10)
        raise RefusedError(
            f"this session ends at {until:%Y-%m-%d %H:%M} at the latest: a run may take {possible:g} hours, "
            f"not {wanted:g}. Give fewer --hours, or open a new session first",
            f"Cette session s’arrête au plus tard le {until:%d/%m/%Y à %H:%M}\u00a0: un calcul peut durer "
            f"{possible:g}\u00a0heures, pas {wanted:g}. Demandez-en moins, ou ouvrez d’abord une nouvelle session.",
        )
    return wanted


def _begun(run: Run) -> Run:
    """Returns the run as its supervisor wrote it. Raises RefusedError if that has not begun."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        found = record.read(record.folder() / f"{run.id}.json")
        if found is not None and found.process is not None:
            return found
        time.sleep(0.1)
    raise RefusedError(
        f"the run did not begin within {STARTS_WITHIN_S:g} seconds: is the home full?",
        f"Le calcul n’a pas commencé en {STARTS_WITHIN_S:g}\u00a0secondes\u00a0: le dossier personnel est-il plein\u202f?",
    )
