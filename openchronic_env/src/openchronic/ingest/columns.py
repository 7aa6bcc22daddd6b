"""Finds the missing columns of a file: what each costs, and which keep the table from being read."""

from __future__ import annotations

from collections.abc import Collection

from openchronic.catalogue import Column, Table

NOTHING = "nothing is lost: no rule reads it"


def lacking(table: Table, there: Collection[str | None], year: int | None) -> list[Column]:
    """Returns the columns of ``table`` that a file of ``year`` should have and lacks."""
    return [
        column for column in table.columns if column.name not in there and column.delivered_in(year)
    ]


def indispensable(table: Table, there: Collection[str | None], year: int | None) -> list[Column]:
    """Returns those of them that nothing can be read without, and that no other column replaces."""
    return [
        column
        for column in lacking(table, there, year)
        if column.required and not set(column.instead) & set(there)
    ]


def cost(column: Column, there: Collection[str | None]) -> str:
    """Returns what is lost without ``column`` in a file that has the columns ``there``."""
    if not column.read:
        return NOTHING
    stands = [name for name in column.instead if name in there]
    if stands:
        return f"{stands[0]} stands for it"
    return column.without or f"not known: {column.meaning}"
