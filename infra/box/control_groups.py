"""Gives each box control groups of its own in the hierarchies by which systemd tracks its units.

systemd-nspawn puts a box's systemd into the group `payload` of the group that it is itself in. Two boxes that are started
from the same group would track units of the same name in the same groups: one ends what the other needs, and a filter of
addresses holds for both. Under systemd each box has a scope of its own; a machine with one hierarchy alone stays as it is.
"""

from contextlib import suppress
from pathlib import Path

FOLDER = Path("/sys/fs/cgroup")
# The hierarchies without controllers, by what /proc/self/cgroup calls them.
TRACKING = {"name=systemd": "systemd", "": "unified"}
# Joins the groups named before `--`, then becomes the command after it.
JOIN = (
    'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"'
)


def own_groups(name: str, *, said: str | None = None, folder: Path = FOLDER) -> tuple[Path, ...]:
    """Return the groups of the box of this name, below those of this process. `said`: in place of /proc/self/cgroup."""
    lines = (Path("/proc/self/cgroup").read_text() if said is None else said).splitlines()
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        mounted = TRACKING.get(controllers)
        if mounted is not None and (folder / mounted / "cgroup.procs").exists():
            found.append(folder / mounted / path.lstrip("/") / name)
    return tuple(found)


def joined(command: list[str], groups: tuple[Path, ...]) -> list[str]:
    """Make the groups, and return the command that runs in them."""
    for group in groups:
        group.mkdir(exist_ok=True)
    return ["sh", "-c", JOIN, "sh", *map(str, groups), "--", *command] if groups else command


def remove(groups: tuple[Path, ...]) -> None:
    """Remove the groups and those below them, from which all processes are gone."""
    for group in groups:
        if group.is_dir():
            below = sorted((one for one in group.rglob("*") if one.is_dir()), reverse=True)
            for one in (*below, group):
                with suppress(OSError):
                    one.rmdir()
