"""Says what a session has: its project, and the bases that it reads."""

from __future__ import annotations

from openchronic.errors import RefusedError
from openchronic.releases import Project, current_project, location, some_bases


def project() -> Project:
    """Le projet pour lequel la session est ouverte : ``name``, ``title``, ``bases``, ``source_tables``.

    ``folder`` est son dossier partagé : ``oc.project().folder / "resultats.parquet"``. Lève
    ``OpenChronicError`` hors des sessions du serveur, où il n'y a pas de projet.
    """
    found = current_project()
    if found is None:
        raise RefusedError(
            "no project here: only sessions of the server have one, which they read in OPENCHRONIC_PROJECT and "
            "OPENCHRONIC_PROJECTS",
            "Pas de projet ici : seules les sessions du serveur en ont un, qu’elles lisent dans "
            "OPENCHRONIC_PROJECT et OPENCHRONIC_PROJECTS. Sur le serveur, ouvrez une nouvelle session ou "
            "prévenez un administrateur.",
        )
    return found


def bases() -> list[str]:
    """Les bases de la session qui ont une version en service : ``oc.release("base")`` donne celle de l'une d'elles.

    Lève ``OpenChronicError`` s'il n'y en a aucune.
    """
    return some_bases(location())
