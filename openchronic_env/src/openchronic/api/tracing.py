"""Traces an event to its delivered rows, for those who may read the restricted zone and the site key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic.api.pinning import pinned
from openchronic.errors import RefusedError, SettingsError
from openchronic.releases import Release

if TYPE_CHECKING:
    from openchronic.lineage import Trace

KEY = "OPENCHRONIC_KEY"


def trace(
    event_id: str,
    release: Release | str | None = None,
    *,
    key: str | Path | None = None,
    pseudonyms: bool = False,
) -> Trace:
    """Donne les lignes livrées dont un événement de la version a été fait ; réservé à qui tient la base.

    ``key`` : le fichier de la clé du site, sinon celui que nomme ``OPENCHRONIC_KEY`` ; une base faite sans clé
    (données inventées) n'en demande pas. Les colonnes qui désignent une personne sont masquées, sauf
    ``pseudonyms=True``. Chaque appel est noté au journal des accès de la zone restreinte. Lève
    ``OpenChronicError`` : accès réservé, événement inconnu, fichiers typés absents.
    """
    # A late import: it loads the packages of a build, and few sessions trace an event.
    from openchronic.lineage import trace as traced
    from openchronic.runtime.sitekey import read_key

    chosen = pinned(release)
    named = key or os.environ.get(KEY)
    try:
        site_key = read_key(Path(named) if named else None, required=False)
    except (OSError, SettingsError):
        raise RefusedError(
            f"the site key cannot be read by this session ({named}): it is kept for who builds the base",
            f"La clé de site n'est pas lisible par votre session ({named}) : elle est gardée "
            "pour qui construit la base. Demandez à l'administrateur du serveur.",
        ) from None
    return traced(chosen, event_id, key=site_key, pseudonyms=pseudonyms)
