"""Exports a release out of its folder, where the operator allows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from openchronic.api.pinning import pinned
from openchronic.releases import Release

if TYPE_CHECKING:
    from openchronic.meds import Exported


def export_meds(folder: str | Path, release: Release | str | None = None) -> Exported:
    """Écrit la version, ou son échantillon, en jeu de données MEDS dans le nouveau dossier ``folder``.

    ``time`` y est ``known_date`` : rien n'est daté d'avant le jour où on pouvait le savoir. Permis dans la
    zone restreinte de la base, et là où l'administrateur l'a dit ; chaque export y est noté.
    Lève ``OpenChronicError`` : export refusé, dossier déjà là.
    """
    # A late import: no other call needs a console.
    from rich.console import Console

    from openchronic.meds import export
    from openchronic.runtime.progress import Steps

    return export(pinned(release), Path(folder), Steps(Console(stderr=True), quiet=True))
