"""The code lists in use and the values of columns, read once. The tables are in ``catalogue``."""

from __future__ import annotations

from openchronic.nomenclatures.labels import labels_of
from openchronic.nomenclatures.lists import load_nomenclature
from openchronic.nomenclatures.values import load_values

__all__ = ["labels_of", "load_nomenclature", "load_values"]
