"""The data dictionary, in French, made of nothing but the declarations of the schema."""

from __future__ import annotations

from openchronic.dictionary.describing import Description, describe
from openchronic.dictionary.page import page

__all__ = ["Description", "describe", "page"]
