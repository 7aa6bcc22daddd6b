"""The readers of the typed tables beside the builder: nobody, or the members of one group."""

from __future__ import annotations

import grp
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from openchronic.errors import SettingsError

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
GROUP_FOLDER, GROUP_FILE = 0o750, 0o640


@dataclass(frozen=True)
class Readers:
    """``gid``: the group that may read, never write; None for nobody."""

    gid: int | None = None

    def admit(self, top: Path) -> None:
        """Sets the modes and the group of ``top`` and all its content, whatever they were."""
        for path in (top, *top.rglob("*")):
            found = path.lstat()
            if not stat.S_ISLNK(found.st_mode):
                self._settle(path, found)

    def _settle(self, path: Path, found: os.stat_result) -> None:
        folder = stat.S_ISDIR(found.st_mode)
        if self.gid is None:
            mode = PRIVATE_FOLDER if folder else PRIVATE_FILE
        else:
            mode = GROUP_FOLDER if folder else GROUP_FILE
            if found.st_gid != self.gid:
                # The group is changed before the mode: at no moment may another group read.
                path.chmod(PRIVATE_FOLDER if folder else PRIVATE_FILE)
                os.chown(path, -1, self.gid)
                path.chmod(mode)
        if stat.S_IMODE(found.st_mode) != mode:
            path.chmod(mode)


def readers_of(group: str | None) -> Readers:
    """Returns the members of ``group``, a name or a number; nobody for None.

    Raises SettingsError where there is no such group, or this account cannot give files to it.
    """
    if group is None:
        return Readers()
    gid = _gid(group)
    if os.geteuid() != 0 and gid not in {os.getegid(), *os.getgroups()}:
        raise SettingsError(
            f"--store-group {group}: the account that builds is not in this group, and may give "
            "it no file; make it a member (usermod --append --groups), or build as one who is"
        )
    return Readers(gid)


def _gid(group: str) -> int:
    if group.isascii() and group.isdigit():
        return int(group)
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise SettingsError(
            f"--store-group {group}: no such group on this machine; make it (groupadd), or give its number"
        ) from None
