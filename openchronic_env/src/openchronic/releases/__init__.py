"""Finding and describing releases: used by the command line and by sessions."""

from __future__ import annotations

from openchronic.releases.finding import bases, current, find, releases_of
from openchronic.releases.location import location
from openchronic.releases.release import Release, open_release

__all__ = ["Release", "bases", "current", "find", "location", "open_release", "releases_of"]
