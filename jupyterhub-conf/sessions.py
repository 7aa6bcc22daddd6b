"""What a session is made of: its user, mounts, environment and limits. Pure but for the lookups of `find_person`."""

import grp
import json
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restricted import NoSuchGroup, opened, places, reading_gid
from settings import Profile, Settings, Uids


class SessionRefused(Exception):
    """A session that cannot start; the message is for the user, in French."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """An analyst's account as the server knows it."""

    login: str
    uid: int
    gid: int
    groups: frozenset[str]
    analysts_gid: int


def find_person(login: str, *, analysts_group: str, uids: Uids) -> Person | None:
    """The account of an analyst. None for any other: system users, operators, a name that is gone."""
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
        groups=frozenset(_group_names(gids)),
        analysts_gid=analysts.gr_gid,
    )


def _group_names(gids: list[int]) -> list[str]:
    names = []
    for gid in gids:
        try:
            names.append(grp.getgrgid(gid).gr_name)
        except KeyError:
            continue
    return names


def container_home(person: Person) -> str:
    return f"/home/{person.login}"


def passwd(person: Person) -> str:
    """The session's /etc/passwd: Java and the shell want a name for the uid that they run as."""
    return (
        "root:x:0:0:root:/root:/usr/sbin/nologin\n"
        f"{person.login}:x:{person.uid}:{person.gid}::{container_home(person)}:/bin/bash\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )


def supplementary(person: Person, settings: Settings) -> dict[str, int]:
    """The groups of the session beside the user's own, with their numbers: whatever else the account is in,
    no more than what the session needs."""
    groups = {settings.analysts_group: person.analysts_gid}
    if opened(settings.restricted, groups=person.groups):
        try:
            groups[settings.restricted.group] = reading_gid(settings.restricted)
        except NoSuchGroup as error:
            raise SessionRefused(
                f"Le groupe {error} manque sur le serveur : écrivez à l'assistance, un nouveau "
                "déploiement le remet en place."
            ) from error
    return groups


def group(person: Person, settings: Settings) -> str:
    own = "" if person.gid == person.analysts_gid else f"{person.login}:x:{person.gid}:\n"
    others = "".join(
        f"{name}:x:{gid}:{person.login}\n" for name, gid in supplementary(person, settings).items()
    )
    return f"root:x:0:\n{own}{others}nogroup:x:65534:\n"


def write_identity(person: Person, settings: Settings) -> None:
    """The two files that a session mounts as /etc/passwd and /etc/group, each replaced at once."""
    files = {
        "passwd": passwd(person),
        "group": group(person, settings),
    }
    for kind, content in files.items():
        place = identity_file(person, settings, kind)
        partial = place.with_name(f".{place.name}")
        partial.write_text(content)
        partial.chmod(0o644)
        partial.replace(place)


def identity_file(person: Person, settings: Settings, kind: str) -> Path:
    return Path(settings.run) / f"{kind}.{person.login}"


def mounts(person: Person, settings: Settings) -> list[dict[str, Any]]:
    """The home to write in, all else to read. A bind mount fails when its source is missing: a folder that
    Docker made up would hide the fault."""

    def bind(source: str, target: str, *, read_only: bool) -> dict[str, Any]:
        return {"type": "bind", "source": source, "target": target, "read_only": read_only}

    return [
        bind(f"{settings.homes}/{person.login}", container_home(person), read_only=False),
        bind(settings.releases, settings.inside.releases, read_only=True),
        bind(settings.onboarding, settings.inside.onboarding, read_only=True),
        bind(str(identity_file(person, settings, "passwd")), "/etc/passwd", read_only=True),
        bind(str(identity_file(person, settings, "group")), "/etc/group", read_only=True),
        *(
            bind(source, target, read_only=True)
            for source, target in places(
                settings.restricted, inside=settings.inside.restricted, groups=person.groups
            )
        ),
    ]


def environment(person: Person, settings: Settings) -> dict[str, str]:
    # A session must report often enough that a computing one never looks idle.
    report_s = min(300, max(10, settings.idle.cull_after_minutes * 60 / 6))
    return {
        "JUPYTERHUB_ACTIVITY_INTERVAL": str(int(report_s)),
        "HOME": container_home(person),
        "USER": person.login,
        "LOGNAME": person.login,
        "OPENCHRONIC_RELEASES": settings.inside.releases,
        "ONBOARDING": settings.inside.onboarding,
    }


def host_config(profile: Profile, person: Person, settings: Settings) -> dict[str, Any]:
    """Docker's limits for the session's container."""
    return {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        # Memory of the session. Not noexec: Java unpacks its native libraries there when the home is full.
        "tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={profile.memory_bytes // 4}"},  # noqa: S108
        # As much as the memory: no swap, a session that asks for more ends instead of slowing the server down.
        "memswap_limit": profile.memory_bytes,
        "pids_limit": profile.pids,
        "group_add": [str(gid) for gid in supplementary(person, settings).values()],
        "ulimits": [
            {"Name": "nofile", "Soft": 16384, "Hard": 16384},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
    }


def image_reference(profile: Profile, settings: Settings) -> str:
    """The image in service now: read at each start, a deploy may have replaced it."""
    try:
        images = json.loads(Path(settings.images_file).read_text())
        return str(images[profile.image])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SessionRefused(
            "L'image des sessions n'est pas encore prête : réessayez dans quelques minutes, "
            "puis écrivez à l'assistance."
        ) from error
