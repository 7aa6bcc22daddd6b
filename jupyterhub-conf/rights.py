"""Finds the mounts and groups of a running session to which its user has lost the right, so that the session ends."""

from collections.abc import Mapping
from typing import Any

from adoption import allowed_groups, allowed_mounts, mounted
from sessions import Person, SessionRefused
from settings import Settings


def outlived(container: Mapping[str, Any], *, person: Person, settings: Settings) -> list[str]:
    """Return the mounts and groups of a session that its user would not get today."""
    places = sorted(
        target for _, target, _ in mounted(container) - allowed_mounts(person, settings)
    )
    try:
        allowed = allowed_groups(person, settings)
    except SessionRefused:
        # The group that reads typed tables no longer exists: its gid must give no access either.
        allowed = set()
    groups = set(container["HostConfig"]["GroupAdd"] or ()) - allowed
    return [*places, *(f"group {number}" for number in sorted(groups))]
