"""What became of every euro of the delivered tables: in ``cost``, in a filter, or delivered twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from openchronic.building.context import Context
from openchronic.releases.balance import Euros

# The columns of ``cost`` that are told of, each with the delivered one that it is the sum of.
CLAIMED = {"billed": "PRS_PAI_MNT", "reimbursed": "BSE_REM_MNT"}
PAID = {"reimbursed": "MNT_TOT_AM"}


@dataclass
class Purse:
    """Amounts (by their columns in ``cost``) that are no cost, and why; parts of a delivery add up."""

    filtered: defaultdict[tuple[str, str], Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )
    duplicates: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def note_filtered(
        self, context: Context, judged: str, why: str, amounts: Mapping[str, str]
    ) -> None:
        """Add those of the rows of ``judged`` that its column ``why`` says the reason of."""
        sums = ", ".join(f"sum({column})" for column in amounts.values())
        rows = context.engine.rows(
            f"SELECT {why}, {sums} FROM {judged} WHERE {why} IS NOT NULL GROUP BY {why}"
        )
        for reason, *found in rows:
            for amount, euros in zip(amounts, found, strict=True):
                self.filtered[amount, reason] += euros or 0

    def note_duplicates(
        self, context: Context, table: str, files: Iterable[Path], amounts: Mapping[str, str]
    ) -> None:
        """Add what the typed ``files`` hold more than the view of ``table``, one row per key."""
        every = sums_of(context, files, amounts)
        once = _sums(context, table.lower(), amounts)
        for amount, euros in every.items():
            self.duplicates[amount] += euros - once[amount]

    def euros(
        self,
        table: str,
        amounts: Mapping[str, str],
        *,
        source: Mapping[str, Decimal],
        kept: Mapping[str, Decimal],
    ) -> list[Euros]:
        """What became of each amount of ``table``."""
        return [
            Euros(
                table=table,
                column=column,
                amount=amount,
                source=source[amount],
                duplicates=self.duplicates[amount],
                filtered={
                    reason: euros for (one, reason), euros in self.filtered.items() if one == amount
                },
                kept=kept[amount],
            )
            for amount, column in amounts.items()
        ]


def sums_of(
    context: Context, files: Iterable[Path], amounts: Mapping[str, str]
) -> dict[str, Decimal]:
    """The sums of the good lines of typed ``files``."""
    return _sums(context, f"{context.engine.scan(files)} WHERE _reject IS NULL", amounts)


def costs_of(context: Context, costs: str, amounts: Iterable[str]) -> dict[str, Decimal]:
    """The sums of columns of ``costs``, rows of ``cost``."""
    return _sums(context, costs, {amount: amount for amount in amounts})


def _sums(context: Context, rows: str, amounts: Mapping[str, str]) -> dict[str, Decimal]:
    sums = ", ".join(f"sum({column})" for column in amounts.values())
    (found,) = context.engine.rows(f"SELECT {sums} FROM {rows}")
    return {amount: Decimal(euros or 0) for amount, euros in zip(amounts, found, strict=True)}
