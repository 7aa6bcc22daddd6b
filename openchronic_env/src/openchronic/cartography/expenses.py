"""Expenses of the national cartography that consist of claims alone, as rows of ``expenses.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Expense:
    """An amount of a person's year, in euros: the ``column`` of CT_DEP, and the services (PRS_NAT_REF) of
    the claims that add up to it here."""

    name: str
    fr: str
    column: str
    services: tuple[str, ...]


@cache
def load_expenses() -> tuple[Expense, ...]:
    """Returns the expenses of the package."""
    file = resources.files("openchronic.cartography") / "expenses.csv"
    with file.open(encoding="utf-8") as lines:
        return tuple(
            Expense(row["name"], row["fr"], row["column"], tuple(row["services"].split()))
            for row in csv.DictReader(lines, delimiter=";", strict=True)
        )
