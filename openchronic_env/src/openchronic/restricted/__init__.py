"""The restricted zone of a base: where it lies, who used it, and what may be taken out of it."""

from __future__ import annotations

from openchronic.restricted.access import note
from openchronic.restricted.leaving import may_leave
from openchronic.restricted.zone import Zone, zone_of

__all__ = ["Zone", "may_leave", "note", "zone_of"]
