"""The workspace of a build: private folders, prepared under the lock, of which only finished parts outlive it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from openchronic.errors import OpenChronicError
from openchronic.runtime.database import DATABASE
from openchronic.store.places import SPILL, STORE, WORK, beside_releases, on_disk

# The work folder among the releases of a base.
WORK_HERE = beside_releases(WORK)
PUBLISHING = "publishing"
FINISHED, WRITTEN, RELEASE, SCANS = "finished", "written", "release", "scans"
# What each bucket was made of and became, for the next build.
STANDING = "standing"
# The folders that exist only while a step of a build runs.
UNFINISHED = ("typed", "checks", "changes", SCANS)


@dataclass(frozen=True)
class Workplace:
    """The folders of a build. ``private`` holds pseudonyms and is never published; ``release`` becomes the
    release.

    ``store`` is on the same disk as ``private`` and outlives the build.
    """

    private: Path
    release: Path
    spill: Path
    marker: Path
    store: Path
    folders: tuple[Path, ...]

    @property
    def finished(self) -> Path:
        """The folder of the checkpoints that a later build can take over."""
        return self.private / FINISHED

    @property
    def written(self) -> Path:
        """The folder of the checkpoints of parts that write the release."""
        return self.release.with_name(WRITTEN)

    @property
    def sums(self) -> Path:
        """The file with the sums of the files of the last release."""
        return self.private / STANDING / "sums.json"

    @property
    def scans(self) -> Path:
        """The folder of what tasks of executors saw of the files of this build."""
        return self.private / SCANS

    @property
    def database(self) -> Path:
        return self.private / DATABASE

    def empty(self) -> None:
        """Removes the parts of earlier builds; first the checkpoints that tell of them, since a kill may come."""
        self.forget_release()
        remove(self.finished)
        for folder in self.private.iterdir():
            if folder not in (self.spill, self.scans):
                remove(folder)

    def forget_release(self) -> None:
        """Empties the release being made; first go the checkpoints of the parts that write it."""
        remove(self.written)
        remove(self.release)
        self.release.mkdir(mode=0o700)

    def clear(self) -> None:
        """Removes everything that this build wrote outside its release; a folder that it did not make stays,
        empty."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def settle(self) -> None:
        """Removes what ``clear`` does, except the finished parts, for the next build to take over."""
        if not any(self.finished.glob("*.pickle")):
            self.clear()
            return
        here = self.release.parent
        unfinished = (self.private / one for one in UNFINISHED)
        for folder in (self.written, *here.iterdir(), self.spill, *unfinished):
            if folder != self.private:
                _discard(folder)
        if self.private.parent != here:
            _discard(here)


def prepare(root: Path, *, base: str, work: Path | None, spill: Path | None) -> Workplace:
    """Prepares the work folders (mode 0700) of a build of ``root`` (RELEASES/<base>).

    The finished parts of earlier builds stay, for this one to take over, and so does the release that a killed one
    was making; its unfinished steps, and a release that it never published, are removed. ``work`` and ``spill`` name
    other disks; the base gets a folder of its own in each.
    """
    here = root / WORK_HERE
    was_publishing = (here / PUBLISHING).exists()
    forget_unpublished(root, here / PUBLISHING)
    private = work / on_disk(base, WORK) if work else here / "private"
    spilled = spill / on_disk(base, SPILL) if spill else private / SPILL
    folders = (here, private, spilled)
    goes_on = (private / FINISHED).is_dir()
    for folder in (spilled,) if goes_on else folders:
        _empty(folder)
    if was_publishing or not (here / RELEASE).is_dir():
        remove(here / WRITTEN)
    for name in UNFINISHED:
        remove(private / name)
    if here.is_dir():
        for left in here.iterdir():
            if left != private and left.name not in (RELEASE, WRITTEN):
                remove(left)
    for folder in (*folders, here / RELEASE):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    return Workplace(
        private=private,
        release=here / RELEASE,
        spill=spilled,
        marker=here / PUBLISHING,
        store=_settle(root / beside_releases(STORE), base, work),
        folders=folders,
    )


def _settle(usual: Path, base: str, work: Path | None) -> Path:
    """Returns the place of the store: ``usual``, or one on the disk ``work``, and then ``usual`` is a link to it.

    The store of a build with another choice, and its parts, are removed: nothing else would remove them.
    """
    chosen = work / on_disk(base, STORE) if work else None
    if usual.is_symlink() and usual.readlink() != chosen:
        remove(usual.readlink())
        remove(usual.readlink().with_name(on_disk(base, WORK)))
        usual.unlink()
    if chosen is None:
        return usual
    if not usual.is_symlink():
        remove(usual)
        usual.symlink_to(chosen)
    return chosen


def _empty(folder: Path) -> None:
    """Removes the content of a folder, not the folder itself: on a server its parent may belong to root."""
    if folder.is_symlink() or not folder.is_dir():
        remove(folder)
        return
    for one in folder.iterdir():
        remove(one)


def remove(folder: Path) -> None:
    """Removes a folder and its content; a link is removed, never followed."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def _discard(folder: Path) -> None:
    """Removes a folder; where that fails, the next build does."""
    with suppress(OSError):
        remove(folder)


def forget_unpublished(root: Path, marker: Path) -> None:
    """Removes the release that a killed build had moved but not put into service, if there is one."""
    if not marker.is_file():
        return
    name = marker.read_text(encoding="utf-8").strip()
    current = root / "current"
    if not name or "/" in name or (current.is_symlink() and current.readlink().name == name):
        return
    if name.startswith("."):
        raise OpenChronicError(f"{marker}: not a release name")
    remove(root / name)


def make_open(folder: Path) -> None:
    """Lets others read a folder, if this account owns it."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)
