"""The record of a run: one small file in the home, replaced by a rename, which the hub's pages read too."""

from __future__ import annotations

import datetime
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

RUNNING, DONE, FAILED = "running", "done", "failed"
OUT_OF_TIME, OUT_OF_MEMORY = "out of time", "out of memory"
# Not written, but found out: the record says that it runs, and its process is gone.
DIED = "died"
# Records and logs of older runs are removed.
KEPT = 50


@dataclass(frozen=True)
class Run:
    """``process`` is the number of the run's supervisor and the moment when that began, which no other process shares."""

    id: str
    file: str
    started: str
    ends: str
    state: str = RUNNING
    ended: str | None = None
    status: int | None = None
    process: tuple[int, int] | None = None
    session: str = ""

    @property
    def log(self) -> Path:
        return folder() / f"{self.id}.log"

    def found_state(self) -> str:
        """Returns the state, or that the run died: its session ended, or its process was killed."""
        return DIED if self.state == RUNNING and not self.is_alive() else self.state

    def is_alive(self) -> bool:
        if self.process is None or self.session != session():
            return False
        number, began = self.process
        return began_at(number) == began

    def write(self) -> None:
        """Replaces the record in one step. Raises OSError."""
        place = folder() / f"{self.id}.json"
        partial = place.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        partial.replace(place)

    def with_(self, **changes: Any) -> Run:
        return replace(self, **changes)


def folder() -> Path:
    return Path.home() / ".openchronic" / "runs"


def session() -> str:
    """Returns what tells this session from an earlier one: its container's name."""
    return os.uname().nodename


def new(file: Path, *, hours: float) -> Run:
    """Makes the record of a run that begins now, and removes the oldest ones. Raises OSError."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    started = now()
    run = Run(
        # Names have the order of their runs, also within a second.
        id=f"{started:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(2)}",
        file=str(file),
        started=told(started),
        ends=told(started + datetime.timedelta(hours=hours)),
        session=session(),
    )
    for old in listed()[KEPT - 1 :]:
        if not old.is_alive():
            (folder() / f"{old.id}.json").unlink(missing_ok=True)
            old.log.unlink(missing_ok=True)
    run.write()
    return run


def listed() -> list[Run]:
    """Returns all runs that have a record, the newest first."""
    places = sorted(folder().glob("*.json"), reverse=True)
    return [run for place in places if (run := read(place)) is not None]


def read(place: Path) -> Run | None:
    """Returns the run of a record; None if it cannot be read."""
    try:
        found: Mapping[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        process = found.get("process")
        return Run(**{**found, "process": tuple(process) if process else None})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def began_at(process: int) -> int | None:
    """Returns when a process began, in ticks since the machine did; None if there is none."""
    try:
        told_of = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    # The name of the program, in brackets, may hold anything.
    after = told_of.rpartition(")")[2].split()
    return None if after[0] in "ZX" else int(after[19])


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def told(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="seconds")
