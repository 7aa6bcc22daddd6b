"""Ways by which a user may use disk space."""

import errno
import fcntl
import os
import struct
from pathlib import Path

# BTRFS_IOC_SUBVOL_CREATE
SUBVOLUME = 0x5000940E


def make_subvolume(folder: str, name: str) -> str:
    """Make a btrfs subvolume, which anybody may do in their own folder; return `ok`, or the name of the error."""
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(place, SUBVOLUME, bytearray(struct.pack("q4088s", 0, name.encode())))
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    finally:
        os.close(place)
    return "ok"


def fill(path: str, megabytes: int) -> tuple[int, str]:
    """Write random bytes; return the megabytes that could be written, and why it ended."""
    block = os.urandom(1 << 20)
    written, why = 0, "ok"
    try:
        with Path(path).open("wb", buffering=0) as file:
            while written < megabytes:
                file.write(block)
                written += 1
                if written % 64 == 0:
                    os.fsync(file.fileno())
            os.fsync(file.fileno())
    except OSError as error:
        why = errno.errorcode[error.errno or 0]
    return written, why


def make_files(folder: str, number: int) -> tuple[int, str]:
    """Make empty files; return how many could be made, and why it ended."""
    Path(folder).mkdir(exist_ok=True)
    made, why = 0, "ok"
    try:
        while made < number:
            os.close(os.open(f"{folder}/{made:0200d}", os.O_CREAT | os.O_WRONLY))
            made += 1
    except OSError as error:
        why = errno.errorcode[error.errno or 0]
    return made, why
