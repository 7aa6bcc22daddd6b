"""What btrfs does with subvolumes, and the folders that root may work in: it follows no link."""

import contextlib
import fcntl
import os
import stat
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Set in tests only: their folders lie below /tmp, where everybody may write.
BELOW = Path("/")
# linux/btrfs.h
SUBVOLUME_INODE = 256
GET_FLAGS, SET_FLAGS, READ_ONLY = 0x80089419, 0x4008941A, 1 << 1


class Refused(Exception):
    """A folder is left alone; the message has the reason."""


class Disk:
    """What btrfs does with subvolumes."""

    def is_subvolume(self, path: Path) -> bool:
        return path.stat(follow_symlinks=False).st_ino == SUBVOLUME_INODE

    def read_only(self, path: Path) -> bool:
        with opened(path) as folder:
            return bool(_flags(folder) & READ_ONLY)

    def set_read_only(self, path: Path, wanted: bool) -> None:
        with opened(path) as folder:
            _set_read_only(folder, wanted)

    def snapshot(self, source: Path, to: Path) -> None:
        _btrfs("subvolume", "snapshot", "-r", str(source), str(to))

    def delete(self, path: Path) -> None:
        """Delete a subvolume, with those that its users made inside."""
        delete = ("subvolume", "delete", "--commit-after", "--recursive", str(path))
        try:
            _btrfs(*delete)
        except OSError:
            # Nothing can be deleted within what is read-only: the folder itself, or what its users made so inside. A
            # snapshot holds none, and stays read-only to its end.
            self.set_read_only(path, False)
            for _, names, _, way in os.fwalk(path):
                for name in names:
                    with contextlib.suppress(OSError), opened(name, way) as inside:
                        if os.fstat(inside).st_ino == SUBVOLUME_INODE:
                            _set_read_only(inside, False)
            _btrfs(*delete)

    def used(self, path: Path) -> int | None:
        """Return the bytes that a folder's quota counts, its snapshots included; None if they are not counted."""
        number = _btrfs("inspect-internal", "rootid", str(path)).strip()
        for line in _btrfs("qgroup", "show", "--raw", "-r", str(path)).splitlines():
            columns = line.split()
            if columns[:1] == [f"1/{number}"]:
                return int(columns[1])
        return None


def no_link(path: Path) -> None:
    """Refuse a path of which somebody other than root could replace a part by a link, or has."""
    way = BELOW
    for part in path.relative_to(BELOW).parts:
        around = way.stat(follow_symlinks=False)
        if around.st_uid != os.geteuid() or around.st_mode & 0o022:
            raise Refused(f"others than root could put a link in the place of {way / part}")
        way /= part
        if not stat.S_ISDIR(way.stat(follow_symlinks=False).st_mode):
            raise Refused(f"{way} is a link, or no folder")


@contextlib.contextmanager
def opened(path: Path | str, way: int | None = None) -> Iterator[int]:
    """Open a folder without following a link in its place."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=way)
    try:
        yield folder
    finally:
        os.close(folder)


def _flags(folder: int) -> int:
    flags: int = struct.unpack("Q", fcntl.ioctl(folder, GET_FLAGS, bytes(8)))[0]
    return flags


def _set_read_only(folder: int, wanted: bool) -> None:
    flags = _flags(folder) & ~READ_ONLY | (READ_ONLY if wanted else 0)
    fcntl.ioctl(folder, SET_FLAGS, struct.pack("Q", flags))


def names_in(folder: Path) -> list[str]:
    try:
        with opened(folder) as inside:
            return [one.name for one in os.scandir(inside)]
    except OSError:
        return []


def _btrfs(*arguments: str) -> str:
    done = subprocess.run(["btrfs", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(done.stderr.strip() or f"btrfs {arguments[0]} failed")
    return done.stdout
