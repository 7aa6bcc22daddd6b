"""The diseases and expenses of the national cartography that a release can reproduce, as data."""

from openchronic.cartography.diseases import Disease, load_diseases, read_diseases
from openchronic.cartography.expenses import Expense, load_expenses

__all__ = ["Disease", "Expense", "load_diseases", "load_expenses", "read_diseases"]
