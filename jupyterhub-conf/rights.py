"""Finds the rights of a running session that its user has lost, so that the session ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from adoption import allowed_groups, allowed_mounts, mounted
from projects import project_of
from sessions import Person, SessionRefused
from settings import Project, Settings


def outlived(
    container: Mapping[str, Any], *, person: Person, mine: Sequence[Project], settings: Settings
) -> list[str]:
    """Return what a session has that its user would not get today: its project if it is not one of theirs (`mine`), else
    the mounts and groups."""
    project = project_of(container, mine=mine)
    if project is None:
        return ["its project"]
    places = sorted(
        target for _, target, _ in mounted(container) - allowed_mounts(person, project, settings)
    )
    try:
        allowed = allowed_groups(person, project, settings)
    except SessionRefused:
        # A group no longer exists: its gid must give no access either.
        allowed = set()
    groups = set(container["HostConfig"]["GroupAdd"] or ()) - allowed
    return [*places, *(f"group {number}" for number in sorted(groups))]
