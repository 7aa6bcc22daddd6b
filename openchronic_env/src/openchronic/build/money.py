"""Reconciles the amounts of delivered tables: in ``cost``, removed by a filter, or delivered twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.releases.balance import Euros


def euros_of(
    counted: Counted,
    table: str,
    amounts: Mapping[str, str],
    *,
    source: Mapping[str, Decimal],
    kept: Mapping[str, Decimal],
) -> list[Euros]:
    """Returns the reconciliation of each amount of ``table``. ``amounts``: the delivered column by column of
    ``cost``."""
    return [
        Euros(
            table=table,
            column=column,
            amount=amount,
            source=source[amount],
            duplicates=Decimal(counted.number("duplicate euros", table, amount)),
            filtered={
                reason: Decimal(euros)
                for (reason, one), euros in counted.below("filtered", table)
                if one == amount
            },
            kept=kept[amount],
        )
        for amount, column in amounts.items()
    ]


def sums_of(
    context: Context, files: Iterable[Path], amounts: Mapping[str, str]
) -> dict[str, Decimal]:
    """Returns the sums of the good lines of typed ``files``, in euros."""
    return sums_of_rows(context, good_lines(context, files), amounts)


def good_lines(context: Context, files: Iterable[Path]) -> str:
    """Returns SQL: the good lines of typed ``files``."""
    return f"{context.engine.scan(files)} WHERE _reject IS NULL"


def sums_of_rows(context: Context, rows: str, amounts: Mapping[str, str]) -> dict[str, Decimal]:
    """Returns the sums of the columns ``amounts`` of ``rows``, a table or a query."""
    (found,) = context.rows(summing(rows, amounts))
    return {amount: Decimal(euros or 0) for amount, euros in zip(amounts, found, strict=True)}


def summing(rows: str, amounts: Mapping[str, str]) -> str:
    """Returns SQL: one row, the sums of the columns ``amounts`` of ``rows``."""
    return f"SELECT {', '.join(f'sum({column})' for column in amounts.values())} FROM {rows}"
