"""What a running session reads that its user may no longer read: rights end when they are taken away, not at the next start."""

from collections.abc import Mapping
from typing import Any

from adoption import allowed_groups, allowed_mounts, mounted
from sessions import Person, SessionRefused
from settings import Settings


def outlived(container: Mapping[str, Any], *, person: Person, settings: Settings) -> list[str]:
    """The mounts and groups of a session that it would not get today; empty when all is as it should be."""
    places = sorted(
        target for _, target, _ in mounted(container) - allowed_mounts(person, settings)
    )
    try:
        allowed = allowed_groups(person, settings)
    except SessionRefused:
        # The group that reads typed tables is gone: whatever opens by its number is no longer meant.
        allowed = set()
    groups = set(container["HostConfig"]["GroupAdd"] or ()) - allowed
    return [*places, *(f"group {number}" for number in sorted(groups))]
