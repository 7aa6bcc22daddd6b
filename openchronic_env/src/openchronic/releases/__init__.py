"""Finds and describes releases, for the command line and for sessions."""

from __future__ import annotations

from openchronic.releases.choosing import chosen
from openchronic.releases.finding import (
    base_of,
    bases,
    current,
    find,
    previous,
    releases_of,
    some_bases,
)
from openchronic.releases.holding import alone, hold
from openchronic.releases.location import location
from openchronic.releases.manifest import MANIFEST
from openchronic.releases.projects import Project, closed_tables, current_project, project_of
from openchronic.releases.release import Release, named, open_release

__all__ = [
    "MANIFEST",
    "Project",
    "Release",
    "alone",
    "base_of",
    "bases",
    "chosen",
    "closed_tables",
    "current",
    "current_project",
    "find",
    "hold",
    "location",
    "named",
    "open_release",
    "previous",
    "project_of",
    "releases_of",
    "some_bases",
]
