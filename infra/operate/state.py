"""The operator's own folder for a site: its CA, its certificates, its test reports."""

from pathlib import Path

from infra.settings.box_identity import box_identity, state_home
from infra.settings.site import Site


def state_folder(site: Site) -> Path:
    """Of a disposable server, the folder that goes with it; of any other site, one by name."""
    return box_identity().state if site.box is not None else state_home() / f"site-{site.name}"
