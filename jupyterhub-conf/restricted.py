"""The restricted zone: the typed tables of a base, opened at the start of a session to whom the site names.

Everybody else's session has neither the mount nor the group. What it opens is in the hub's journal.
"""

import grp

from settings import Restricted, Store


class NoSuchGroup(Exception):
    """The group that reads typed tables is not on this server."""


def opened(restricted: Restricted, *, groups: frozenset[str]) -> tuple[Store, ...]:
    """The stores that a member of these groups may read, in the site's order; of no base by default."""
    return tuple(store for store in restricted.stores if groups & set(store.readers))


def reading_gid(restricted: Restricted) -> int:
    """The group that files of the restricted zone are open to. Raises NoSuchGroup."""
    try:
        return grp.getgrnam(restricted.group).gr_gid
    except KeyError:
        raise NoSuchGroup(restricted.group) from None


def places(restricted: Restricted, *, inside: str, groups: frozenset[str]) -> list[tuple[str, str]]:
    """For each store that is open: its folder on the server, and in the session."""
    return [
        (f"{restricted.folder}/{store.place}", f"{inside}/{store.place}")
        for store in opened(restricted, groups=groups)
    ]
