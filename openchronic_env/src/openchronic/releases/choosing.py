"""Finds the release that an operator names: by a name, a base, or the folder of a release."""

from __future__ import annotations

from pathlib import Path

from openchronic.errors import ReleaseError, SettingsError
from openchronic.releases.finding import find
from openchronic.releases.holding import hold
from openchronic.releases.location import location
from openchronic.releases.manifest import MANIFEST
from openchronic.releases.release import Release, open_release


def chosen(name: str | None, *, base: str | None, releases: str | None) -> Release:
    """Returns the release that the options of a verb name; without any, the release in service of the only
    base.

    The release cannot be removed while the verb runs. Raises SettingsError, ReleaseError.
    """
    if name and base:
        raise SettingsError(
            f"{name} and --base {base}: name one of them; a release is named BASE or BASE@ID too"
        )
    if name and (Path(name) / MANIFEST).is_file():
        return hold(open_release(Path(name).resolve()))
    if name and "/" in name:
        raise ReleaseError(
            f"{name}: no release there (a release's folder holds {MANIFEST}; "
            "openchronic releases lists their names)",
            f"Pas de version d'Open Chronic dans {name}.",
        )
    return hold(find(location(releases), name or base))
