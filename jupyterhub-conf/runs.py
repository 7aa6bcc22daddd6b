"""Reads what became of a user's runs (`openchronic run`) from their homes, for their own page.

A session can write anything there: links, pipes, huge files, false records, text that looks like a page. Nothing is followed,
little is read, and all of it is text.
"""

import datetime
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from notices import NO_BREAK
from pages import french_time
from projects import open_projects, today
from sessions import Person, find_person
from settings import Project, Settings

FOLDER = (".openchronic", "runs")
SHOWN = 10
# Names that are looked at in a folder, and bytes of a record; of a log, its end.
NAMES = 500
RECORD_BYTES = 4096
LOG_BYTES = 2000
LOG_LINES = 15
LONGEST = 120
# A run touches its record every ten seconds.
SILENT_S = 180
# What terminals show as colours: Python's tracebacks have them.
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
STATES = {
    "running": "en cours",
    "done": "terminé",
    "failed": "arrêté par une erreur",
    "out of time": "arrêté, le temps demandé est écoulé",
    "out of memory": "arrêté, la mémoire de la session était épuisée",
}
DIED = "interrompu, avec sa session ou par un arrêt forcé"


@dataclass(frozen=True)
class Shown:
    """What the page says of a run: texts, which the template escapes."""

    id: str
    file: str
    project: str
    state: str
    started: str
    ended: str
    log: str


def of(
    user: Any, site: Settings, *, groups_of: Callable[[str], frozenset[str]] = lambda _: frozenset()
) -> list[Shown]:
    """Return the newest runs of the hub's user. `groups_of`: the groups of a login in the directory."""
    if user is None:
        return []
    person = find_person(user.name, analysts_group=site.analysts_group, uids=site.uids)
    mine = open_projects(site.projects, login=user.name, day=today(), groups=groups_of(user.name))
    return runs_of(person, mine)


def runs_of(person: Person | None, projects: Sequence[Project]) -> list[Shown]:
    """Return the newest runs of a user in all their projects, the newest first."""
    if person is None:
        return []
    found = [
        (name, record, project)
        for project in projects
        for name, record in _records(project.home.replace("{login}", person.login), person)
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    return [_shown(name, record, project) for name, record, project in found[:SHOWN]]


def _records(home: str, person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the names and the contents of the newest records of a home, each with the end of its log."""
    with suppress(OSError), opened(home) as folder:
        names = [one.name for one in islice(os.scandir(folder), NAMES)]
        records = sorted((name for name in names if name.endswith(".json")), reverse=True)
        for name in records[:SHOWN]:
            with suppress(OSError, ValueError, RecursionError):
                said, written = part(folder, name, person, most=RECORD_BYTES)
                record = json.loads(said)
                if isinstance(record, dict):
                    log = ""
                    with suppress(OSError):
                        log, _ = part(folder, f"{name[:-5]}.log", person, most=LOG_BYTES, end=True)
                    yield name, {**record, "log": log, "written": written}


@contextmanager
def opened(home: str) -> Iterator[int]:
    """Give a descriptor of the folder of runs, without following a link below the home. Raises OSError."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    folder = os.open(home, flags)
    try:
        for name in FOLDER:
            inner = os.open(name, flags, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def part(
    folder: int, name: str, person: Person, *, most: int, end: bool = False
) -> tuple[str, float]:
    """Return a small file of the person's own, or the end of a big one, and when it was written. Raises OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    file = os.open(name, flags, dir_fd=folder)
    try:
        told = os.fstat(file)
        # A second name of somebody else's file would be owned by them.
        if not stat.S_ISREG(told.st_mode) or told.st_uid != person.uid:
            raise PermissionError(name)
        if told.st_size > most and not end:
            raise PermissionError(name)
        data = os.pread(file, most, max(0, told.st_size - most))
        return data.decode(errors="replace"), told.st_mtime
    finally:
        os.close(file)


def _shown(name: str, record: Mapping[str, Any], project: Project) -> Shown:
    state = str(record.get("state"))
    silent = time.time() - record["written"] > SILENT_S
    words = DIED if state == "running" and silent else STATES.get(state, "état inconnu")
    lines = str(record["log"]).splitlines()[-LOG_LINES:]
    return Shown(
        id=text(name.removesuffix(".json")),
        file=text(str(record.get("file", "")).rpartition("/")[2]),
        project=project.title,
        state=words,
        started=_moment(record.get("started")),
        ended=_moment(record.get("ended")),
        log="\n".join(text(line) for line in lines),
    )


def text(said: str) -> str:
    """Return a line without control characters, nor those that turn the direction of what follows, and not too long."""
    plain = COLOURS.sub("", said)
    clean = "".join(sign if sign.isprintable() or sign in NO_BREAK else " " for sign in plain)
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}…"


def _moment(said: object) -> str:
    try:
        return french_time(datetime.datetime.fromisoformat(str(said)))
    except (ValueError, OverflowError):
        return ""
