"""Reads the manifest of a release, of any known format, in the current format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openchronic.errors import ReleaseError
from openchronic.releases.renaming import FORMAT, is_known, of_today

MANIFEST = "manifest.json"


def read_manifest(release: Path) -> Mapping[str, Any]:
    """Returns the manifest in the folder of a release. Raises ReleaseError: none, or none that this version reads."""
    manifest = parse_manifest(release)
    if not is_known(manifest):
        raise _of_another_version(release, manifest)
    return of_today(manifest)


def parse_manifest(release: Path) -> Mapping[str, Any]:
    """Returns the manifest in the folder of a release as it was written, in any format. Raises ReleaseError: none."""
    try:
        manifest = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReleaseError(
            f"no release in {release}: there is no {MANIFEST} (openchronic releases lists those there are)",
            f"Pas de version d'Open Chronic dans {release}.",
        ) from None
    except PermissionError:
        raise ReleaseError(
            f"permission denied: {release / MANIFEST} (what is published is open to all: were its modes changed?)",
            f"Vous n'avez pas le droit de lire {release}. Demandez-le à l'administrateur.",
        ) from None
    except ValueError:
        raise _unreadable(release) from None
    if not isinstance(manifest, dict):
        raise _unreadable(release)
    return manifest


def _unreadable(release: Path) -> ReleaseError:
    return ReleaseError(
        f"{release / MANIFEST} cannot be read as JSON: take another release, or build again",
        f"Le manifeste de {release} est illisible. Prenez une autre version, ou prévenez "
        "l'administrateur.",
    )


def _of_another_version(release: Path, manifest: Mapping[str, Any]) -> ReleaseError:
    # Spelled as ``releases.named`` does, which is made on top of this.
    name = f"{manifest.get('base', release.parent.name)}@{manifest.get('id', release.name)}"
    written = manifest.get("format")
    if not isinstance(written, int) or written < FORMAT:
        return ReleaseError(
            f"the manifest of {name} has no format that openchronic ever wrote ({written}): take another "
            "release, or build the base again",
            f"Le manifeste de la version {name} n'a pas de format connu d'openchronic ({written}). Prenez "
            "une autre version, ou prévenez l'administrateur.",
        )
    return ReleaseError(
        f"{name} was made by a later openchronic (its manifest has format {written}, this one reads up to "
        f"{FORMAT}): update openchronic, take another release, or build the base again with this one",
        f"La version {name} a été faite par un openchronic plus récent (son manifeste a le format {written}, "
        f"celui-ci lit jusqu'au format {FORMAT}). Arrêtez votre session et ouvrez-en une nouvelle, prenez une "
        "autre version, ou demandez à l'administrateur de mettre openchronic à jour.",
    )
