#!/usr/bin/python3 -B
"""Keeps the projects' folders: a snapshot a day, read-only once the right has ended, removed when an operator says so.

`keep` does it, `check` says by its exit status whether `keep` has nothing to do. `ended` prints, as JSON, the folders
that may be removed; `remove` removes those that its standard input names ({"operator": "…", "paths": […]}).
"""

import contextlib
import datetime
import fcntl
import json
import os
import re
import sys
import syslog
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from subvolumes import Disk, Refused, names_in, no_link, opened

LIST = Path("@PROJECT_FOLDERS@")
RECORD = Path("@ENDED_FOLDERS@")
TAG = "openchronic-folders"
SNAPSHOT_DAYS = 7
NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Action = tuple[str, Callable[[], None]]


@dataclass(frozen=True)
class Folder:
    path: Path
    project: str
    login: str | None
    """Whose home it is; None for the project's shared folder."""
    last: datetime.date | None = None
    """Last day of the right, if the list names the folder."""


@dataclass(frozen=True)
class Keeper:
    """The folders that the list names or that lie on the disk, and what the record says of them."""

    listed: dict[str, Any]
    recorded: dict[str, Any]
    today: datetime.date
    disk: Disk

    def folders(self) -> list[Folder]:
        """Return every folder that is there: named by the list, recorded before, or of a name that only ours have."""
        homes, teams = Path(self.listed["homes"]), Path(self.listed["teams"])
        found = {
            Path(path): Folder(Path(path), one["project"], one["login"])
            for path, one in self.recorded.items()
        }
        for name in sorted(names_in(homes)):
            if home := re.fullmatch(rf"({NAME})@({NAME})", name):
                found[homes / name] = Folder(homes / name, home[2], home[1])
        for name in sorted(names_in(teams)):
            if re.fullmatch(NAME, name):
                found[teams / name] = Folder(teams / name, name, None)
        for one in self.listed["folders"]:
            last = one["last"] and datetime.date.fromisoformat(one["last"])
            path = Path(one["path"])
            found[path] = Folder(path, one["project"], one["login"], last or datetime.date.max)
        return [one for path, one in sorted(found.items()) if os.path.lexists(path)]

    def is_ended(self, folder: Folder) -> bool:
        return folder.last is None or self.today > folder.last

    def record(self) -> dict[str, Any]:
        """Return each folder with the day on which it was first seen to have ended; None while the right is open."""
        record = {}
        for folder in self.folders():
            since = None
            if self.is_ended(folder):
                before = self.recorded.get(str(folder.path), {}).get("since")
                # A day to come is that of a clock that was wrong.
                since = min(before or self.today.isoformat(), self.today.isoformat())
            record[str(folder.path)] = {
                "project": folder.project,
                "login": folder.login,
                "since": since,
            }
        return record

    def actions(self) -> Iterator[Action]:
        """Yield what is to be done, each with its name. Old snapshots go first: they make room."""
        if self.record() != self.recorded:
            yield "the record of what has ended", lambda: _write(self.record())
        snapshots = Path(self.listed["snapshots"])
        for project in sorted(names_in(snapshots)):
            for name in sorted(names_in(snapshots / project)):
                if DATE.fullmatch(name) and self._days_since(name) > SNAPSHOT_DAYS:
                    old = snapshots / project / name
                    yield f"{old}, an old snapshot", lambda old=old: self._delete(old)  # type: ignore[misc]
        for folder in self.folders():
            yield from self._of_one(folder, snapshots)

    def _of_one(self, folder: Folder, snapshots: Path) -> Iterator[Action]:
        path, ended = folder.path, self.is_ended(folder)
        try:
            self.sound(path)
            is_read_only = self.disk.read_only(path)
        except (Refused, OSError) as wrong:
            why = str(wrong)
            yield str(path), lambda: _refuse(why)
            return
        if is_read_only != ended:
            state = "read-only" if ended else "writable again"
            yield f"{path}, {state}", lambda: self.disk.set_read_only(path, ended)
        today = snapshots / folder.project / self.today.isoformat()
        if folder.login is None and not ended and not os.path.lexists(today):
            yield f"{today}, today's snapshot", lambda: self._snapshot(path, today)

    def _snapshot(self, path: Path, to: Path) -> None:
        no_link(to.parent)
        self.disk.snapshot(path, to)

    def _delete(self, path: Path) -> None:
        self.sound(path)
        self.disk.delete(path)

    def sound(self, path: Path) -> None:
        """Refuse a path that others than root could lead elsewhere, or that is no subvolume."""
        no_link(path)
        if not self.disk.is_subvolume(path):
            raise Refused(f"{path} is no btrfs subvolume")

    def _days_since(self, day: str) -> int:
        try:
            return (self.today - datetime.date.fromisoformat(day)).days
        except ValueError:
            return 0

    def removable(self) -> list[Folder]:
        """Return the folders that have ended for longer than they are kept, by the record and by the list of now."""
        return [
            one
            for one in self.folders()
            if self.is_ended(one)
            and (since := self.since(one)) is not None
            and self._days_since(since) > self.listed["keep_ended_days"]
        ]

    def since(self, folder: Folder) -> str | None:
        since: str | None = self.recorded.get(str(folder.path), {}).get("since")
        return since

    def size(self, folder: Folder) -> int | None:
        try:
            self.sound(folder.path)
            return self.disk.used(folder.path)
        except (Refused, OSError):
            return None

    def remove(self, folder: Folder) -> None:
        """Remove a folder; its snapshots go before it, so that one that is left half-way is still seen to have ended."""
        self.sound(folder.path)
        if folder.login is None:
            snapshots = Path(self.listed["snapshots"]) / folder.project
            for name in sorted(names_in(snapshots)):
                self._delete(snapshots / name)
            with contextlib.suppress(FileNotFoundError):
                snapshots.rmdir()
        self.disk.delete(folder.path)


def keep(keeper: Keeper) -> int:
    wrong = 0
    for what, act in keeper.actions():
        try:
            act()
            say(5, what)
        except (Refused, OSError) as trouble:
            wrong += 1
            say(3, f"not done: {what}: {trouble}")
    return 1 if wrong else 0


def remove(keeper: Keeper, asked: dict[str, Any]) -> int:
    """Remove the named folders, each if it may be removed on this day; what is not on record is not done."""
    removable = {str(one.path): one for one in keeper.removable()}
    wrong = 0
    for path in asked["paths"]:
        folder = removable.get(path)
        try:
            if folder is None:
                _refuse(f"{path} has not ended, or not for long enough")
            _note({"event": "removes", "operator": asked["operator"], **shown(keeper, folder)})
            keeper.remove(folder)
            _note({"event": "removed", "operator": asked["operator"], "path": path})
            print(f"removed: {path}", flush=True)
        except (Refused, OSError) as trouble:
            wrong += 1
            print(f"not removed: {trouble}", file=sys.stderr, flush=True)
    return 1 if wrong else 0


def shown(keeper: Keeper, folder: Folder) -> dict[str, Any]:
    return {
        "path": str(folder.path),
        "project": folder.project,
        "login": folder.login,
        "since": keeper.since(folder),
        "bytes": keeper.size(folder),
    }


def main(arguments: list[str]) -> int:
    verb = arguments[1] if len(arguments) == 2 else ""
    if verb not in ("keep", "check", "ended", "remove"):
        print(__doc__, file=sys.stderr)
        return 2
    listed = json.loads(LIST.read_text())
    # One at a time. The lock is on a folder: nothing is left behind, and it ends with the process.
    with opened(Path(listed["homes"])) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keeper = Keeper(listed, _read(), datetime.date.today(), Disk())  # noqa: DTZ011 the server's day
        if verb == "check":
            return 1 if any(keeper.actions()) else 0
        if verb == "keep":
            return keep(keeper)
        if verb == "remove":
            return remove(keeper, json.load(sys.stdin))
        print(json.dumps([shown(keeper, one) for one in keeper.removable()]))
    return 0


def _read() -> dict[str, Any]:
    """Return the record. A lost or damaged one is begun again: what has ended is then kept for longer."""
    try:
        found = json.loads(RECORD.read_text())["folders"]
        return {
            path: {"project": one["project"], "login": one["login"], "since": one["since"]}
            for path, one in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _write(record: dict[str, Any]) -> None:
    """Write the record beside its place, then rename it: a kill or a full disk leaves the old one whole."""
    partial = RECORD.with_name(f".{RECORD.name}.new")
    partial.unlink(missing_ok=True)
    with partial.open("x", encoding="utf-8") as file:
        json.dump({"folders": record}, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(RECORD)
    with opened(RECORD.parent) as folder:
        os.fsync(folder)


def _refuse(why: str) -> NoReturn:
    raise Refused(why)


def _note(entry: dict[str, Any]) -> None:
    syslog.openlog(TAG, facility=syslog.LOG_AUTH)
    syslog.syslog(syslog.LOG_NOTICE, json.dumps(entry, ensure_ascii=False))


def say(level: int, text: str) -> None:
    """Print a line for the journal, with a syslog level."""
    print(f"<{level}>keep-folders: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
