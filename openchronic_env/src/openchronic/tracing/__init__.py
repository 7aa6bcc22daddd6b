"""From an event of a release back to the delivered rows that made it, in the restricted zone."""

from __future__ import annotations

from openchronic.tracing.masking import PSEUDONYMS
from openchronic.tracing.trace import Trace, trace

__all__ = ["PSEUDONYMS", "Trace", "trace"]
