"""The restricted zone: selects the bases whose typed tables the sessions of a project may read.

Other sessions have neither the mount nor the group. The hub's journal records each access that is given.
"""

import grp

from settings import Project, Restricted, Store


class NoSuchGroup(Exception):
    """A group that sessions need is not on this server."""


def opened(restricted: Restricted, *, project: Project) -> tuple[Store, ...]:
    """Return the stores that the sessions of this project may read, in the site's order."""
    return tuple(
        store
        for store in restricted.stores
        if project.source_tables and store.base in project.bases
    )


def gid_of(group: str) -> int:
    """Raises NoSuchGroup."""
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise NoSuchGroup(group) from None


def places(restricted: Restricted, *, inside: str, project: Project) -> list[tuple[str, str]]:
    """Return, for each store that this project may read, its folder on the server and its folder in the session."""
    return [
        (f"{restricted.folder}/{store.place}", f"{inside}/{store.place}")
        for store in opened(restricted, project=project)
    ]
