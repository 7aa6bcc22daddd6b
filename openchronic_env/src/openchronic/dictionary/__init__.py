"""The data dictionary, in French: the tables of a release, and those of the SNDS as the schema declares them."""

from __future__ import annotations

from openchronic.dictionary.describing import Description, describe
from openchronic.dictionary.page import page
from openchronic.dictionary.released import event_types

__all__ = ["Description", "describe", "event_types", "page"]
