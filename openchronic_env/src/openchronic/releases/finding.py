"""Which bases and releases there are, and which one a name means."""

from __future__ import annotations

from pathlib import Path

from openchronic.errors import ReleaseError
from openchronic.releases.release import MANIFEST, Release, open_release

CURRENT = "current"


def bases(folder: Path) -> list[str]:
    """The bases that have a release in service."""
    if not folder.is_dir():
        return []
    return sorted(link.parent.name for link in folder.glob(f"*/{CURRENT}") if link.is_dir())


def releases_of(folder: Path, base: str) -> list[Release]:
    """Every release of ``base``, the oldest first."""
    found = [
        open_release(manifest.parent)
        for manifest in (folder / base).glob(f"*/{MANIFEST}")
        if not manifest.parent.is_symlink()
    ]
    return sorted(found, key=_moment)


def current(folder: Path, base: str) -> Release:
    """The release in service. The link is followed once, so a publish meanwhile changes nothing."""
    try:
        target = (folder / base / CURRENT).resolve(strict=True)
    except OSError:
        raise ReleaseError(f"Aucune version de la base « {base} » n'est en service.") from None
    return open_release(target)


def find(folder: Path, name: str | None = None) -> Release:
    """The release that ``name`` means: nothing (the only base), ``base``, or ``base@id``.

    Raises ReleaseError, in French: none, several, unknown.
    """
    known = bases(folder)
    base, _, wanted = (name or "").partition("@")
    if not known:
        raise ReleaseError(
            f"Aucune base Open Chronic dans {folder}. "
            "Vérifiez la variable OPENCHRONIC_RELEASES, ou demandez à l'administrateur."
        )
    if not base and len(known) > 1:
        raise ReleaseError(
            f"Il y a plusieurs bases : {', '.join(known)}. "
            f'Choisissez-en une, par exemple oc.release("{known[0]}").'
        )
    base = base or known[0]
    if base not in known:
        raise ReleaseError(f"Pas de base « {base} ». Bases : {', '.join(known)}.")
    if not wanted:
        return current(folder, base)
    if wanted not in {one.id for one in releases_of(folder, base)}:
        ids = ", ".join(one.id for one in releases_of(folder, base))
        raise ReleaseError(f"La base « {base} » n'a pas de version « {wanted} ». Versions : {ids}.")
    return open_release(folder / base / wanted)


def previous(release: Release) -> Release | None:
    """The release of the same base and folder made before ``release``, if one can be read."""
    before = []
    for manifest in release.path.parent.glob(f"*/{MANIFEST}"):
        try:
            one = open_release(manifest.parent)
        except ReleaseError:  # of another version of openchronic: nothing to compare with
            continue
        if one.base == release.base and one.id != release.id and _moment(one) < _moment(release):
            before.append(one)
    return max(before, key=_moment, default=None)


def _moment(release: Release) -> tuple[str, str]:
    return str(release.manifest["created"]), release.id
