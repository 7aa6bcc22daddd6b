"""Computes the container of a session: its user, groups, mounts, environment and limits."""

import datetime
import grp
import json
import os
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects import VARIABLE, told
from restricted import NoSuchGroup, gid_of, opened, places
from settings import Profile, Project, Settings, Uids


class SessionRefused(Exception):
    """The session cannot start; the message is for the user, in French."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """An analyst's account on the server."""

    login: str
    uid: int
    gid: int
    analysts_gid: int


def find_person(login: str, *, analysts_group: str, uids: Uids) -> Person | None:
    """Return the account of an analyst; None for system users, operators and unknown logins."""
    try:
        account = pwd.getpwnam(login)
        analysts = grp.getgrnam(analysts_group)
    except (KeyError, ValueError):
        return None
    gids = os.getgrouplist(login, account.pw_gid)
    if not uids.first <= account.pw_uid <= uids.last or analysts.gr_gid not in gids:
        return None
    return Person(
        login=login,
        uid=account.pw_uid,
        gid=account.pw_gid,
        analysts_gid=analysts.gr_gid,
    )


def container_home(person: Person) -> str:
    return f"/home/{person.login}"


def passwd(person: Person) -> str:
    """Return the session's /etc/passwd: Java and the shell need a name for the uid that they run as."""
    return (
        "root:x:0:0:root:/root:/usr/sbin/nologin\n"
        f"{person.login}:x:{person.uid}:{person.gid}::{container_home(person)}:/bin/bash\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )


def supplementary(person: Person, project: Project, settings: Settings) -> dict[str, int]:
    """Return the gids of the session's supplementary groups by name: analysts, the project, and the readers of typed tables
    if the project may read some. The account's other groups are left out. Raises SessionRefused."""
    names = [project.group]
    if opened(settings.restricted, project=project):
        names.append(settings.restricted.group)
    try:
        others = {name: gid_of(name) for name in names}
    except NoSuchGroup as error:
        raise SessionRefused(
            f"Le groupe {error} manque sur le serveur : écrivez à l’assistance, un nouveau "
            "déploiement le remet en place."
        ) from error
    return {settings.analysts_group: person.analysts_gid, **others}


def group(person: Person, groups: Mapping[str, int]) -> str:
    """Return the session's /etc/group: the person's own group, and those of the session by name."""
    own = "" if person.gid in groups.values() else f"{person.login}:x:{person.gid}:\n"
    others = "".join(f"{name}:x:{gid}:{person.login}\n" for name, gid in groups.items())
    return f"root:x:0:\n{own}{others}nogroup:x:65534:\n"


def write_identity(person: Person, project: Project, settings: Settings) -> None:
    """Write the files that the session mounts as /etc/passwd and /etc/group, each by a rename."""
    files = {
        "passwd": passwd(person),
        "group": group(person, supplementary(person, project, settings)),
    }
    for kind, content in files.items():
        place = identity_file(person, settings, kind)
        partial = place.with_name(f".{place.name}")
        partial.write_text(content)
        partial.chmod(0o644)
        partial.replace(place)


def identity_file(person: Person, settings: Settings, kind: str) -> Path:
    return Path(settings.run) / f"{kind}.{person.login}"


def mounts(person: Person, project: Project, settings: Settings) -> list[dict[str, Any]]:
    """Return the bind mounts of a session: the user's home for the project and the project's shared folder read-write, all
    others read-only. A base that is not the project's is not among them.

    Docker refuses a mount of this type if its source is missing; with a volume, it would create an empty folder.
    """

    def bind(source: str, target: str, *, read_only: bool) -> dict[str, Any]:
        return {"type": "bind", "source": source, "target": target, "read_only": read_only}

    inside, teams = settings.inside, settings.teams
    return [
        bind(
            project.home.replace("{login}", person.login), container_home(person), read_only=False
        ),
        bind(f"{teams.folder}/{project.slug}", f"{inside.teams}/{project.slug}", read_only=False),
        bind(
            f"{teams.snapshots}/{project.slug}",
            f"{inside.snapshots}/{project.slug}",
            read_only=True,
        ),
        *(
            bind(f"{settings.releases}/{base}", f"{inside.releases}/{base}", read_only=True)
            for base in project.bases
        ),
        bind(settings.onboarding, inside.onboarding, read_only=True),
        bind(str(identity_file(person, settings, "passwd")), "/etc/passwd", read_only=True),
        bind(str(identity_file(person, settings, "group")), "/etc/group", read_only=True),
        *(
            bind(source, target, read_only=True)
            for source, target in places(
                settings.restricted, inside=inside.restricted, project=project
            )
        ),
    ]


# What makes programs count processors: Python's os.cpu_count(); nproc, OpenMP, Arrow; BLAS; numexpr; Polars; data.table and
# R's own parallel computing. A session may use any of the server's processors, for the time that its limit gives: bound to
# some of them by a set of its own, it would wait while others are idle.
COUNTS = (
    *("PYTHON_CPU_COUNT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS", "POLARS_MAX_THREADS"),
    *("R_DATATABLE_NUM_THREADS", "MC_CORES"),
)


def environment(
    person: Person,
    project: Project,
    settings: Settings,
    *,
    profile: Profile,
    mine: Sequence[Project],
    now: datetime.datetime,
) -> dict[str, str]:
    """Return the session's variables. `mine`: all projects of the user, of which its errors name the one to open."""
    # At least six reports within the idle limit, so that a computing session is not stopped.
    report_s = min(300, max(10, settings.idle.cull_after_minutes * 60 / 6))
    return {
        "JUPYTERHUB_ACTIVITY_INTERVAL": str(int(report_s)),
        "HOME": container_home(person),
        "USER": person.login,
        "LOGNAME": person.login,
        "OPENCHRONIC_RELEASES": settings.inside.releases,
        VARIABLE: project.slug,
        "OPENCHRONIC_PROJECTS": told(mine),
        "OPENCHRONIC_SESSION_ENDS": ends_at(now, settings).isoformat(timespec="seconds"),
        "ONBOARDING": settings.inside.onboarding,
        **dict.fromkeys(COUNTS, str(profile.processors)),
    }


def ends_at(started: datetime.datetime, settings: Settings) -> datetime.datetime:
    """Return when a session is stopped at the latest, computing or not."""
    return started + datetime.timedelta(hours=settings.idle.greatest_age_hours)


def host_config(
    profile: Profile, person: Person, project: Project, settings: Settings
) -> dict[str, Any]:
    """Return the limits of the session's container, in the form of Docker's host configuration."""
    return {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        # Memory of the session: it counts in its limit. Not noexec: Java unpacks native libraries there when the home is full.
        "tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={profile.memory_bytes // 4}"},  # noqa: S108
        # Memory of the session too. Docker's own 64 MB are too little for PyTorch's loaders.
        "shm_size": profile.shm_bytes,
        # Equal to the memory, hence no swap: a session that needs more is killed instead of slowing the server down.
        "memswap_limit": profile.memory_bytes,
        "pids_limit": profile.pids,
        "group_add": [str(gid) for gid in supplementary(person, project, settings).values()],
        "ulimits": [
            {"Name": "nofile", "Soft": 16384, "Hard": 16384},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
    }


def image_reference(profile: Profile, settings: Settings) -> str:
    """Return the reference of the profile's image in service. It is read at each start, since a deploy may change it.

    Raises SessionRefused when there is none.
    """
    try:
        images = json.loads(Path(settings.images_file).read_text())
        return str(images[profile.image])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SessionRefused(
            "L’image des sessions n’est pas encore prête : réessayez dans quelques minutes, "
            "puis écrivez à l’assistance."
        ) from error
