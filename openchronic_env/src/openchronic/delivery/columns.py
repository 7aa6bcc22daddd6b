"""What the absence of a column costs (``costs.csv``), and which absences keep a table from being read."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources

from openchronic.schema import Column, Table

NOTHING = "nothing is lost: no rule reads it"


def lacking(table: Table, there: Collection[str | None], year: int | None) -> list[Column]:
    """The columns of ``table`` that a file of ``year`` should have and has not."""
    return [
        column for column in table.columns if column.name not in there and column.delivered_in(year)
    ]


def indispensable(table: Table, there: Collection[str | None], year: int | None) -> list[Column]:
    """Those of them without which nothing can be read, and for which no other stands."""
    return [
        column
        for column in lacking(table, there, year)
        if column.required and not set(column.instead) & set(there)
    ]


def cost(table: str, column: Column, there: Collection[str | None]) -> str:
    """What is lost without ``column`` in a file that has the columns ``there``."""
    if not column.read:
        return NOTHING
    stands = [name for name in column.instead if name in there]
    if stands:
        return f"{stands[0]} stands for it"
    told = _costs().get((table, column.name)) or _costs().get(("*", column.name))
    return told or f"not known: {column.meaning}"


@cache
def _costs() -> Mapping[tuple[str, str], str]:
    with (resources.files("openchronic.delivery") / "costs.csv").open(encoding="utf-8") as lines:
        return {
            (table, column): row["without"]
            for row in csv.DictReader(lines, delimiter=";")
            for table in row["tables"].split()
            for column in row["columns"].split()
        }
