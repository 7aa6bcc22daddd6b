"""Makes the folders of homes (on btrfs, with quotas), raw data, typed tables and releases, with their rights."""

import shlex
from pathlib import Path

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from infra.operations.errors import DeployRefused
from infra.operations.facts import Holds
from infra.operations.folders import folder
from infra.operations.ops import File, ensure, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import SOURCE_READERS
from infra.settings.settings_file import GB
from infra.settings.site import Storage

PACKAGES = ("btrfs-progs",)
FILES = Path(__file__).parent / "files"


def owned(storage: Storage) -> Owned:
    return Owned(units=(mount_unit(storage.homes),) if storage.homes_loop_gb else ())


def refuse_missing_mounts(storage: Storage) -> None:
    """Raises DeployRefused, before anything is written, if a folder is not mounted or the homes are not btrfs.

    Data written under a missing mount would fill the system disk and be hidden by the mount later.
    """
    if not storage.require_mounts:
        return
    for place in storage.places:
        if not host.get_fact(Holds, condition=f"mountpoint -q {shlex.quote(place)}"):
            raise DeployRefused(
                f"storage: {place} is not a mount point on {host.name}. Mount it, or say "
                "require_mounts = false in the site's file."
            )
    if not storage.homes_loop_gb and not host.get_fact(
        Holds, condition=f"[ $(stat -f -c %T {shlex.quote(storage.homes)}) = btrfs ]"
    ):
        raise DeployRefused(
            f"storage: {storage.homes} must be btrfs, which holds the homes' quotas."
        )


@deploy("Storage")
def storage(*, storage: Storage) -> None:
    ensure(
        name="Make the user that builds the releases",
        condition=f"id {layout.BUILDER}",
        command="useradd --system --user-group --no-create-home --home-dir /nonexistent "
        f"--shell /usr/sbin/nologin {layout.BUILDER}",
    )
    ensure(
        name="Make the group that reads typed tables",
        condition=f"getent group {SOURCE_READERS}",
        command=f"groupadd --system {SOURCE_READERS}",
    )
    if storage.homes_loop_gb:
        _homes_on_a_loop_file(storage.homes, gigabytes=storage.homes_loop_gb)
    # Simple quotas count a subvolume that a user makes inside the home, which needs no right, with the home. The older
    # kind of btrfs quotas would count it apart, without a limit.
    ensure(
        name="Count the homes' blocks",
        condition=f"btrfs qgroup show {storage.homes} && btrfs inspect-internal dump-super "
        f"$(findmnt --noheadings --nofsroot --output SOURCE --target {storage.homes}) | grep SIMPLE_QUOTA",
        command=f"btrfs quota disable {storage.homes} 2>/dev/null || true; "
        f"btrfs quota enable --simple {storage.homes}",
    )
    # Root owns them all: another owner could replace a folder in which root works by a link.
    for path, mode, group in (
        (storage.homes, "711", "root"),
        # Raw data hold pseudonyms: only builds may read them.
        (storage.data, "750", layout.BUILDER),
        (storage.releases, "755", "root"),
        # Typed tables hold pseudonyms too: sessions have the tables that they may read mounted, not this folder.
        (storage.restricted, "750", layout.BUILDER),
    ):
        folder(name=f"Make {path}", path=path, mode=mode, group=group)


def _homes_on_a_loop_file(homes: str, *, gigabytes: float) -> None:
    ensure(
        name="Make the file that holds the homes",
        condition=f"[ -s {layout.LOOP_FILE} ]",
        command=f"truncate -s {round(gigabytes * GB)} {layout.LOOP_FILE}.new && mkfs.btrfs -q {layout.LOOP_FILE}.new"
        f" && mv {layout.LOOP_FILE}.new {layout.LOOP_FILE}",
    )
    name = mount_unit(homes)
    written = tree(
        name="Write the homes' mount unit",
        dest=layout.UNITS,
        files={name: File(mount_unit_text(homes))},
        exclusive=False,
    )
    unit(
        name="Mount the homes",
        unit=name,
        watched=[f"{layout.UNITS}/{name}"],
        changes=[written],
        ready=f"mountpoint -q {homes}",
    )


def mount_unit(path: str) -> str:
    """Return the name of the systemd unit of a mount point (systemd-escape --path)."""
    return "-".join(part.replace("-", "\\x2d") for part in path.strip("/").split("/")) + ".mount"


def mount_unit_text(homes: str) -> bytes:
    return rendered_file(FILES / "homes.mount", HOMES_FOLDER=homes)
