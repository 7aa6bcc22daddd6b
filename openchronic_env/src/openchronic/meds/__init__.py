"""A release as a MEDS dataset (Medical Event Data Standard), for models that learn from events."""

from __future__ import annotations

from openchronic.meds.exporting import Exported, export

__all__ = ["Exported", "export"]
