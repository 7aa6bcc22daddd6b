"""Where things lie: homes on btrfs (a subvolume and a quota each), raw data, typed tables, releases."""

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
    """Before anything is written: data on the system disk because a mount failed would fill it, and be lost."""
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
    # Simple quotas: a subvolume that a user makes inside the home (anybody may, no right is needed) is counted with
    # the home. Under btrfs's older kind it would be counted apart, without any limit.
    ensure(
        name="Count the homes' blocks",
        condition=f"btrfs qgroup show {storage.homes} && btrfs inspect-internal dump-super "
        f"$(findmnt --noheadings --nofsroot --output SOURCE --target {storage.homes}) | grep SIMPLE_QUOTA",
        command=f"btrfs quota disable {storage.homes} 2>/dev/null || true; "
        f"btrfs quota enable --simple {storage.homes}",
    )
    # All root's: whoever owned one could put a link in the place of what root works on in it.
    for path, mode, group in (
        (storage.homes, "711", "root"),
        # Raw data hold pseudonyms: nobody but the builds reads them.
        (storage.data, "750", layout.BUILDER),
        (storage.releases, "755", "root"),
        # So do typed tables: sessions get the part that is theirs by a mount, never by this path.
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
    """systemd's name for a mount point (systemd-escape --path)."""
    return "-".join(part.replace("-", "\\x2d") for part in path.strip("/").split("/")) + ".mount"


def mount_unit_text(homes: str) -> bytes:
    return rendered_file(FILES / "homes.mount", HOMES_FOLDER=homes)
