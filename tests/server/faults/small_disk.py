"""Mounts a disk of some megabytes over a folder of the box, so that a test can fill it without filling another disk."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.settings import layout
from tests.server.machine import Machine


@dataclass(frozen=True)
class SmallDisk:
    server: Machine
    place: str

    def fill(self, *, left_mb: int = 0) -> None:
        """Fill the disk until `left_mb` megabytes are left."""
        free = f"df --output=avail -k {self.place} | tail -n 1"
        self.server.succeed(
            f"size=$(( $({free}) - {left_mb} * 1024 )); [ $size -le 0 ] || "
            f"head -c ${{size}}K /dev/zero > {self.place}/.ballast || true; sync -f {self.place}"
        )
        if left_mb == 0:
            self.server.fail(f"head -c 1M /dev/zero > {self.place}/.proof")
            self.server.succeed(f"rm -f {self.place}/.proof")


@contextmanager
def small_disk(server: Machine, name: str, *, over: str, megabytes: int) -> Iterator[SmallDisk]:
    """Mount the disk over a folder, with a copy of its content; at the end the folder has its old content again."""
    file, place = f"{layout.LOOP_FOLDER}/{name}", shlex.quote(over)
    copy = f"/run/{name}"
    try:
        server.succeed(
            f"set -e; mkdir -p {layout.LOOP_FOLDER} {copy}; truncate -s {megabytes}M {file}; "
            f"mkfs.btrfs -q --mixed --force {file}; mount -o loop {file} {copy}; "
            f"cp -a {place}/. {copy}/; chown --reference={place} {copy}; "
            f"chmod --reference={place} {copy}; mount --bind {copy} {place}"
        )
        yield SmallDisk(server, over)
    finally:
        # The loop device belongs to the operator's kernel: it must be detached even if the disk is in use.
        server.succeed(
            f"mountpoint -q {place} && umount --lazy {place}; mountpoint -q {copy} && umount {copy}; "
            f"for d in $(losetup --noheadings --output NAME --associated {file}); do "
            f"losetup --detach $d; done; rm -rf {file} {copy}"
        )
