"""The restricted zone: selects the bases whose typed tables a session may read, by its user's groups.

Other sessions have neither the mount nor the group. The hub's journal records each access that is given.
"""

import grp

from settings import Restricted, Store


class NoSuchGroup(Exception):
    """The group that reads typed tables is not on this server."""


def opened(restricted: Restricted, *, groups: frozenset[str]) -> tuple[Store, ...]:
    """Return the stores that a member of these groups may read, in the site's order."""
    return tuple(store for store in restricted.stores if groups & set(store.readers))


def reading_gid(restricted: Restricted) -> int:
    """Return the gid of the group that may read the restricted zone. Raises NoSuchGroup."""
    try:
        return grp.getgrnam(restricted.group).gr_gid
    except KeyError:
        raise NoSuchGroup(restricted.group) from None


def places(restricted: Restricted, *, inside: str, groups: frozenset[str]) -> list[tuple[str, str]]:
    """Return, for each store that these groups may read, its folder on the server and its folder in the session."""
    return [
        (f"{restricted.folder}/{store.place}", f"{inside}/{store.place}")
        for store in opened(restricted, groups=groups)
    ]
