"""The diseases of the national cartography that a release can define too, as rows of a CSV."""

from openchronic.cartography.diseases import Disease, load_diseases, read_diseases

__all__ = ["Disease", "load_diseases", "read_diseases"]
