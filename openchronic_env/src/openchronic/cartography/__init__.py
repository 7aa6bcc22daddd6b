"""The expenses of the national cartography that a release can reproduce, as data."""

from openchronic.cartography.expenses import Expense, load_expenses

__all__ = ["Expense", "load_expenses"]
