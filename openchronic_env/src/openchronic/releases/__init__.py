"""Finding and describing releases: used by the command line and by sessions."""

from __future__ import annotations

from openchronic.releases.choosing import chosen
from openchronic.releases.finding import bases, current, find, previous, releases_of
from openchronic.releases.holding import alone, hold
from openchronic.releases.location import location
from openchronic.releases.release import MANIFEST, Release, open_release

__all__ = [
    "MANIFEST",
    "Release",
    "alone",
    "bases",
    "chosen",
    "current",
    "find",
    "hold",
    "location",
    "open_release",
    "previous",
    "releases_of",
]
