"""Computes the numbers of a cluster's people: a login's uid, a project's gid. They are stored nowhere, and never change."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from infra.settings.accounts import SOURCE_READERS
from infra.settings.layout import BUILDER

# Above all numbers of images and nodes, below those that user namespaces hand out.
FIRST = 1_000_000
BITS = 28


class SameNumberError(Exception):
    """Two names of a site have one number; the message says which, and what to do."""


def uid(login: str) -> int:
    """Return the number as which a login's pods run."""
    return _number(f"uid:{login}")


def gid(project: str) -> int:
    """Return the number of the group that owns a project's shared folder."""
    return _number(f"gid:{project}")


def builder() -> int:
    """Return the number of the user, and of its group, that builds bases."""
    return uid(BUILDER)


def source_readers() -> int:
    """Return the number of the group that may read typed tables."""
    return gid(SOURCE_READERS)


def refuse_the_same(*, logins: Iterable[str], projects: Iterable[str]) -> None:
    """Raise SameNumberError if two of a site's names have one number: one would own what is the other's.

    Users and groups are looked at together, since a session's own group has its user's number."""
    owners: dict[int, list[str]] = defaultdict(list)
    owners[builder()].append("the builder")
    owners[source_readers()].append("the readers of typed tables")
    for login in logins:
        owners[uid(login)].append(f"the login {login}")
    for project in projects:
        owners[gid(project)].append(f"the project {project}")
    same = [names for names in owners.values() if len(names) > 1]
    if same:
        lines = [
            f"{' and '.join(names)} have the same number: rename the newest of them"
            for names in same
        ]
        raise SameNumberError("\n".join(lines))


def _number(text: str) -> int:
    digest = hashlib.sha256(text.encode()).digest()
    return FIRST + (int.from_bytes(digest[:4]) >> (32 - BITS))
