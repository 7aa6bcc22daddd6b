"""The restricted zone of a base: its place, its access journal, and the rules on exports."""

from __future__ import annotations

from openchronic.restricted.access import note
from openchronic.restricted.leaving import may_leave
from openchronic.restricted.zone import Zone, zone_of

__all__ = ["Zone", "may_leave", "note", "zone_of"]
