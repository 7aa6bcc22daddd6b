"""Finding and describing releases: used by the command line and by sessions."""

from __future__ import annotations

from openchronic.releases.choosing import chosen
from openchronic.releases.finding import bases, current, find, previous, releases_of
from openchronic.releases.location import location
from openchronic.releases.release import Release, open_release

__all__ = [
    "Release",
    "bases",
    "chosen",
    "current",
    "find",
    "location",
    "open_release",
    "previous",
    "releases_of",
]
