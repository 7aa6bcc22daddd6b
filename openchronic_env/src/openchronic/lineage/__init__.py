"""Traces an event of a release back to the delivered rows that it was made from, in the restricted zone."""

from __future__ import annotations

from openchronic.lineage.masking import PSEUDONYMS
from openchronic.lineage.trace import Trace, trace

__all__ = ["PSEUDONYMS", "Trace", "trace"]
