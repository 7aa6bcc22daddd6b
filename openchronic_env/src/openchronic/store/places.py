"""Names the folders of a base that hold pseudonyms or say who saw them: its restricted zone, and its spilled data."""

from __future__ import annotations

STORE, WORK, ACCESS, EXPORTS = "store", "work", "access", "exports"
# A server makes these folders itself, and has their names in infra/settings/layout.py: a test compares the two.
ZONE = (STORE, WORK, ACCESS, EXPORTS)
# On the disk of --spill, which need not be that of the zone.
SPILL = "spill"


def beside_releases(what: str) -> str:
    """Returns the name of a folder among the releases of its base."""
    return f".{what}"


def on_disk(base: str, what: str) -> str:
    """Returns the name of a folder on a disk that several bases share (``--work``, ``--spill``)."""
    return f"openchronic-{base}-{what}"
