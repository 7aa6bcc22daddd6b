"""Decides where a base may be exported to: its restricted zone, and the folders that the operator lists."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path

from openchronic.errors import RefusedError
from openchronic.releases import Release
from openchronic.restricted.zone import Zone, zone_of
from openchronic.store.places import EXPORTS

# The file lies beside the releases of a base, where analysts cannot write: `folders =
# ["/srv/exports"]`.
ALLOWED = "exports.toml"


def may_leave(release: Release, folder: Path) -> Zone:
    """Returns the zone of ``release`` where it may be exported to ``folder``, a new one in an allowed folder.

    Raises RefusedError where the folder is not allowed, this account may not use the zone, or the operator's
    file is not valid.
    """
    asked = (
        "Une base ne s'exporte que dans sa zone restreinte, ou là où l'administrateur du serveur l'a "
        "permis. Demandez-lui cet export, en disant pour quelle étude et de quelle version : "
        f"{release.name}."
    )
    try:
        zone = zone_of(release)
    except RefusedError as closed:
        raise RefusedError(closed.english, asked) from None
    own = zone.beside(EXPORTS)
    with suppress(OSError):  # an account that may not make it is refused below, or by the journal
        own.mkdir(mode=0o700, exist_ok=True)
    # A link on the path is resolved: its target must be allowed.
    place = folder.absolute().parent.resolve() / folder.name
    if any(place.is_relative_to(one) and place != one for one in (own, *allowed(release))):
        return zone
    raise RefusedError(
        f"{release.base} may not be exported to {folder}: only to a new folder in {own}, or in one "
        f'that {release.path.parent / ALLOWED} names: folders = ["/absolute/path"]',
        asked,
    )


def allowed(release: Release) -> list[Path]:
    """Returns the folders that the operator allows beside the zone. Raises RefusedError where the file is not
    valid."""
    path = release.path.parent / ALLOWED
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as problem:
        raise _unreadable(path, f'{problem}; it says folders = ["/absolute/path"]') from None
    folders = said.get("folders", [])
    unknown = sorted(set(said) - {"folders"})
    if unknown:
        raise _unreadable(path, f"unknown {', '.join(unknown)}; it holds folders alone")
    if not isinstance(folders, list) or not all(
        isinstance(one, str) and one.startswith("/") for one in folders
    ):
        raise _unreadable(path, "folders is a list of absolute paths")
    return [Path(one).resolve() for one in folders]


def _unreadable(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"{path}: {why}",
        f"Le fichier de l'administrateur qui dit où la base s'exporte ({path}) est à corriger. Prévenez-le.",
    )
