"""Lists bases and releases, and finds the one that a name stands for."""

from __future__ import annotations

from pathlib import Path

from openchronic.errors import ReleaseError
from openchronic.releases.manifest import MANIFEST
from openchronic.releases.projects import not_of_project, project_of, without_base
from openchronic.releases.release import Release, named, open_release

CURRENT = "current"


def bases(folder: Path) -> list[str]:
    """Returns the bases that have a release in service."""
    if not folder.is_dir():
        return []
    return sorted(link.parent.name for link in folder.glob(f"*/{CURRENT}") if link.is_dir())


def some_bases(folder: Path) -> list[str]:
    """Returns the bases of ``folder``. Raises ReleaseError where there are none."""
    known = bases(folder)
    if known:
        return known
    if project := project_of(folder):
        raise without_base(project)
    raise ReleaseError(
        f"no release in {folder} (openchronic build SOURCE {folder} makes one; "
        "OPENCHRONIC_RELEASES, or RELEASES in a call, names another folder)",
        f"Aucune base Open Chronic dans {folder}. "
        "Vérifiez la variable OPENCHRONIC_RELEASES, ou demandez à l'administrateur.",
    )


def base_of(folder: Path, name: str | None) -> str:
    """Returns the base ``name``, or the only one. Raises ReleaseError: none, several, unknown."""
    project = project_of(folder)
    # Where a project has no base at all, the one that is named may still be another project's.
    known = bases(folder) if name and project else some_bases(folder)
    if not name and len(known) > 1:
        there = f"Le projet « {project.title} » a" if project else "Il y a"
        raise ReleaseError(
            f"several bases in {folder}: name one of them ({', '.join(known)})",
            f"{there} plusieurs bases : {', '.join(known)}. "
            f'Choisissez-en une, par exemple oc.release("{known[0]}").',
        )
    base = name or known[0]
    if project and base not in known:
        its_own = base in project.bases
        raise _not_in_service(base) if its_own else not_of_project(base, known, project)
    if base not in known:
        raise ReleaseError(
            f"no such base: {base}; in {folder} are {', '.join(known)}",
            f"Pas de base « {base} ». Bases : {', '.join(known)}.",
        )
    return base


def releases_of(folder: Path, base: str) -> list[Release]:
    """Returns every release of ``base``, the oldest first."""
    return sorted(map(open_release, _folders(folder, base)), key=_moment)


def _folders(folder: Path, base: str) -> list[Path]:
    """Returns the folders of the releases of ``base`` by name, those of formats that this version cannot read too."""
    found = (manifest.parent for manifest in (folder / base).glob(f"*/{MANIFEST}"))
    return sorted(one for one in found if not one.is_symlink())


def current(folder: Path, base: str) -> Release:
    """Returns the release in service. The link is followed once, so that a publish meanwhile changes nothing."""
    try:
        target = (folder / base / CURRENT).resolve(strict=True)
    except OSError:
        raise _not_in_service(base) from None
    return open_release(target)


def _not_in_service(base: str) -> ReleaseError:
    return ReleaseError(
        f"no release of the base {base} is in service: openchronic build puts one into service",
        f"Aucune version de la base « {base} » n'est en service. "
        "Demandez à l'administrateur de la construire.",
    )


def find(folder: Path, name: str | None = None) -> Release:
    """Returns the release that ``name`` stands for: None (the only base), ``base``, or ``base@id``.

    Raises ReleaseError: none, several, unknown.
    """
    base, _, wanted = (name or "").partition("@")
    base = base_of(folder, base)
    if not wanted:
        return current(folder, base)
    found = [one.name for one in _folders(folder, base)]
    if wanted not in found:
        names = ", ".join(named(base, one) for one in found)
        raise ReleaseError(
            f"no release {named(base, wanted)}; of this base there are {names}",
            f"La base « {base} » n'a pas de version « {wanted} ». Versions : {names}.",
        )
    return open_release(folder / base / wanted)


def previous(release: Release) -> Release | None:
    """Returns the release of the same base and folder made before ``release``, if one can be read."""
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
