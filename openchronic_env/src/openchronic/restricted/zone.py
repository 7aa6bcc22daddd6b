"""Finds the restricted zone of a base: its store of typed tables, and the folders beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openchronic.errors import RefusedError
from openchronic.releases import Release
from openchronic.store.places import STORE, beside_releases, on_disk


@dataclass(frozen=True)
class Zone:
    """``store``: the folder of the typed tables itself, not the link to it."""

    base: str
    store: Path

    def beside(self, what: str) -> Path:
        """Returns a folder of the base beside its store, for the building account only."""
        usual = self.store.name == beside_releases(STORE)
        return self.store.with_name(beside_releases(what) if usual else on_disk(self.base, what))


def zone_of(release: Release) -> Zone:
    """Returns the zone of the base of ``release``. Raises RefusedError where it is not open to this account."""
    store = release.path.parent / beside_releases(STORE)
    try:
        # A server hides the store from sessions that may not read it: the link then has no target.
        next(store.iterdir(), None)
        return Zone(release.base, store.resolve(strict=True))
    except OSError:
        raise RefusedError(
            f"the restricted zone of the base {release.base} is not open to this account: "
            "use the account that builds it",
            f"La zone restreinte de la base « {release.base} » n'est pas ouverte à votre session. "
            "Adressez-vous à l'administrateur du serveur.",
        ) from None
