"""Finds the folder on the operator's machine that holds a site's CA, certificates and test reports."""

from pathlib import Path

from infra.settings.box_identity import box_identity, state_home
from infra.settings.site import Site


def state_folder(site: Site) -> Path:
    """Return the box's own folder for a disposable server, and one named after the site otherwise."""
    return box_identity().state if site.box is not None else state_home() / f"site-{site.name}"
