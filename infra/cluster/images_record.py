"""Keeps, on the operator's machine, the reference by digest of each image that was pushed for a site."""

import json
from pathlib import Path

from infra.cluster.render import image_names
from infra.settings.box_identity import state_home
from infra.settings.cluster_site import ClusterSite

FILE = "images.json"


class ImagesMissing(Exception):
    """Images of the site were not pushed yet; the message says which, and the command to type."""


def state(site: ClusterSite) -> Path:
    """Return the folder on the operator's machine that holds the site's CA, certificates and this record."""
    return state_home() / f"site-{site.name}"


def pushed(site: ClusterSite) -> dict[str, str]:
    """Return the references of the images that were pushed, by name; none on a machine that pushed none."""
    place = state(site) / FILE
    if not place.exists():
        return {}
    found: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
    return found


def record(site: ClusterSite, references: dict[str, str]) -> None:
    folder = state(site)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f".{FILE}"
    partial.write_text(json.dumps(pushed(site) | references, indent=2) + "\n", encoding="utf-8")
    partial.rename(folder / FILE)


def all_pushed(site: ClusterSite) -> dict[str, str]:
    """Return the reference of every image that the site runs. Raises ImagesMissing."""
    found = pushed(site)
    if missing := [name for name in image_names(site) if name not in found]:
        raise ImagesMissing(
            f"{site.name}: this machine has no digest of the images {', '.join(missing)}: make images-push "
            f"SITE={site.name} pushes them, and notes the digests in {state(site) / FILE}"
        )
    return {name: found[name] for name in image_names(site)}
