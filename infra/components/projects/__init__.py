"""Makes each project's group, shared folder and homes, and installs what keeps them: snapshots, and the end of rights."""

import datetime
import json
import shlex
from collections.abc import Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.components.projects.folders import Subvolume
from infra.components.storage import mount_unit
from infra.operations.folders import folder
from infra.operations.ops import File, ensure, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.grants import Grant
from infra.settings.settings_file import GB
from infra.settings.site import Storage

FILES = Path(__file__).parent / "files"
PACKAGES = ("acl",)
SERVICE = f"{layout.KEEP_UNIT}.service"
TIMER = f"{layout.KEEP_UNIT}.timer"
MOUNT = mount_unit(layout.TEAMS)
OWNED = Owned(
    units=(TIMER, SERVICE, MOUNT),
    directories=(layout.PROJECTS, layout.PROJECT_SCRIPTS),
)


@deploy("Projects")
def projects(*, grants: Sequence[Grant], storage: Storage, today: datetime.date) -> None:
    on_homes = f"{storage.homes}/{layout.TEAMS_ON_HOMES}"
    for place in (on_homes, layout.TEAMS):
        folder(name=f"Make {place}", path=place, mode="711")
    units = unit_files(storage)
    written = tree(
        name="Write the units of the projects' folders",
        dest=layout.UNITS,
        files=units,
        exclusive=False,
    )
    unit(
        name="Mount the shared folders",
        unit=MOUNT,
        watched=[f"{layout.UNITS}/{MOUNT}"],
        ready=f"[ {shlex.quote(on_homes)} -ef {layout.TEAMS} ]",
    )
    folder(name=f"Make {layout.SNAPSHOTS}", path=layout.SNAPSHOTS, mode="711")
    for grant in grants:
        _settle(grant, storage=storage, today=today)
    tree(
        name="List the projects' folders",
        dest=layout.PROJECTS,
        files={Path(layout.PROJECT_FOLDERS).name: File(listing(grants, storage), mode="600")},
    )
    tree(
        name="Write what keeps the projects' folders",
        dest=layout.PROJECT_SCRIPTS,
        files=script_files(),
    )
    unit(
        name="Keep the projects' folders every day",
        unit=TIMER,
        watched=[f"{layout.UNITS}/{name}" for name in (SERVICE, TIMER)],
        changes=[written],
    )
    # Today's work is done at once: what has ended becomes read-only, what is new has its first snapshot.
    ensure(
        name="Keep the projects' folders today",
        condition=f"{layout.KEEP_FOLDERS} check",
        command=f"systemctl start {SERVICE} || "
        f"{{ journalctl --unit={SERVICE} --lines=20 --no-pager --output=cat >&2; exit 1; }}",
    )


def _settle(grant: Grant, *, storage: Storage, today: datetime.date) -> None:
    """Make what an open right needs. What has ended gets nothing: its folders, if there are any, stay as they are."""
    if grant.period.is_over(today):
        return
    group = shlex.quote(grant.group)
    ensure(
        name=f"Make the group of the project {grant.slug}",
        # Sessions have it from the hub: no account is a member.
        condition=f'[ "$(getent group {group} | cut -d: -f1,4)" = {group}: ]',
        command=f"getent group {group} || groupadd --system {group}; gpasswd --members '' {group}",
    )
    subvolume(name=f"Settle the shared folder of {grant.slug}", wanted=shared_folder(grant))
    folder(
        name=f"Make the folder of {grant.slug}'s snapshots",
        path=f"{layout.SNAPSHOTS}/{grant.slug}",
        mode="750",
        group=grant.group,
    )
    for login, period in grant.housed.items():
        if not period.is_over(today):
            subvolume(
                name=f"Settle the home of {login} for {grant.slug}",
                wanted=home(login, grant, storage),
            )


def subvolume(*, name: str, wanted: Subvolume) -> None:
    ensure(name=name, condition=wanted.condition(), command=wanted.command())


def shared_folder(grant: Grant) -> Subvolume:
    return Subvolume(
        path=f"{layout.TEAMS}/{grant.slug}",
        owner="root",
        group=grant.group,
        mode="2770",
        limit=round(grant.quota_gb * GB),
        shared=True,
    )


def home(login: str, grant: Grant, storage: Storage) -> Subvolume:
    return Subvolume(
        path=grant.home(login, homes=storage.homes),
        owner=login,
        group=login,
        mode="700",
        limit=round(storage.home_quota_gb * GB),
    )


def unit_files(storage: Storage) -> dict[str, File]:
    given = {
        "HOMES_FOLDER": storage.homes,
        # A site may keep its homes in /home, which the unit must then see.
        "PROTECT_HOME": "no" if f"{storage.homes}/".startswith("/home/") else "yes",
    }
    files = {MOUNT: "teams.mount", SERVICE: "keep.service", TIMER: "keep.timer"}
    return {name: File(rendered_file(FILES / source, **given)) for name, source in files.items()}


def script_files() -> dict[str, File]:
    return {
        Path(layout.KEEP_FOLDERS).name: File(rendered_file(FILES / "keep_folders.py"), mode="755"),
        "subvolumes.py": File((FILES / "subvolumes.py").read_bytes()),
    }


def listing(grants: Sequence[Grant], storage: Storage) -> bytes:
    """Return the list of folders, each with the last day of its right (null: without an end), for keep_folders.py."""
    folders = []
    for grant in grants:
        shared = (f"{layout.TEAMS}/{grant.slug}", None, grant.period)
        homes = [
            (grant.home(login, homes=storage.homes), login, period)
            for login, period in grant.housed.items()
        ]
        folders += [
            {
                "path": path,
                "project": grant.slug,
                "login": login,
                "last": period.last and period.last.isoformat(),
            }
            for path, login, period in (shared, *homes)
        ]
    content = {
        "homes": storage.homes,
        "teams": layout.TEAMS,
        "snapshots": layout.SNAPSHOTS,
        "keep_ended_days": storage.keep_ended_days,
        "folders": folders,
    }
    return (json.dumps(content, indent=2) + "\n").encode()
